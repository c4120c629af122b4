/** What of an account can be taken from another place, and the names that other places have for it. */
export const importFields = {
  id: ['id', '_id', 'userid', 'uid', 'uuid', 'localid', 'pk'],
  email: ['email', 'emailaddress', 'mail', 'useremail'],
  username: ['username', 'login', 'loginname', 'userlogin'],
  password: [
    ...['passwordhash', 'hashedpassword', 'password', 'passwd', 'pwhash', 'passworddigest'],
    ...['encryptedpassword', 'hashpassword', 'pass', 'userpass'],
  ],
  salt: ['salt', 'passwordsalt'],
  first_name: ['firstname', 'givenname', 'forename'],
  last_name: ['lastname', 'familyname', 'surname'],
  name: ['name', 'fullname', 'displayname'],
  email_verified: [
    ...['emailverified', 'isemailverified', 'emailconfirmed', 'verified', 'isverified'],
    ...['emailverifiedat', 'confirmedat'],
  ],
  is_active: ['isactive', 'active', 'enabled', 'isenabled'],
  disabled: ['disabled', 'isdisabled', 'banned', 'isbanned', 'blocked', 'deactivated'],
  roles: ['role', 'roles', 'userrole', 'userroles'],
  created_at: ['createdat', 'created', 'createdon', 'datejoined', 'registeredat', 'creationtime'],
  updated_at: ['updatedat', 'updated', 'updatedon', 'modifiedat', 'lastmodified'],
  last_login_at: [
    ...['lastlogin', 'lastloginat', 'lastsignedinat', 'lastsigninat', 'lastsignintime'],
  ],
  provider: ['provider', 'authprovider', 'oauthprovider'],
  subject: [
    ...['providerid', 'provideruserid', 'providersubject', 'provideraccountid', 'subject'],
    ...['oauthid', 'oauthuserid', 'oauthproviderid'],
  ],
  identities: ['identities', 'provideruserinfo'],
} as const satisfies Record<string, readonly string[]>

export type ImportField = keyof typeof importFields

/** Columns by what they hold. */
export type Mapping = Readonly<Partial<Record<ImportField, string>>>

export const fieldNames: readonly ImportField[] = [
  ...(['id', 'email', 'username', 'password', 'salt', 'first_name', 'last_name', 'name'] as const),
  ...(['email_verified', 'is_active', 'disabled', 'roles'] as const),
  ...(['created_at', 'updated_at', 'last_login_at'] as const),
  ...(['provider', 'subject', 'identities'] as const),
]

/** The users tables of the services that latchkey replaces, by the profile that speaks their dialect. */
export const knownTables: readonly {
  profile: string
  /** All of these are there; the first that fits counts. */
  columns: readonly string[]
  mapping: Mapping
}[] = [
  {
    profile: 'envelope',
    columns: [
      ...['id', 'email', 'username', 'password_hash', 'provider', 'provider_id', 'is_active'],
      ...['created_at', 'updated_at', 'last_login'],
    ],
    mapping: {
      id: 'id',
      email: 'email',
      first_name: 'username', // there a name to show, which many may have
      password: 'password_hash',
      provider: 'provider',
      subject: 'provider_id',
      is_active: 'is_active',
      created_at: 'created_at',
      updated_at: 'updated_at',
      last_login_at: 'last_login',
    },
  },
  {
    profile: 'flat',
    columns: ['_id', 'email', 'password_hash', 'is_active', 'created_at', 'refresh_tokens'],
    mapping: {
      id: '_id',
      email: 'email',
      password: 'password_hash',
      is_active: 'is_active',
      created_at: 'created_at',
    },
  },
  {
    profile: 'strict',
    columns: ['id', 'email', 'hashed_password', 'created_at', 'updated_at'],
    mapping: {
      id: 'id',
      email: 'email',
      password: 'hashed_password',
      created_at: 'created_at',
      updated_at: 'updated_at',
    },
  },
  ...(['user_id', 'id'] as const).map((id) => ({
    profile: 'cookie',
    columns: [id, 'email', 'password_hash', 'first_name', 'last_name', 'created_at'],
    mapping: {
      id,
      email: 'email',
      password: 'password_hash',
      first_name: 'first_name',
      last_name: 'last_name',
      created_at: 'created_at',
    },
  })),
  {
    profile: 'username',
    columns: ['username', 'password', 'role'],
    mapping: { username: 'username', password: 'password', roles: 'role' },
  },
]
