import { Command, Option } from 'commander'
import { version } from '../../lib/version.js'
import { exitCodeHelp } from './exit-codes.js'
import { createOutput } from './output.js'
import type { Verb } from './verb.js'

/** The command line. Each verb is a file of its own, loaded when it is asked for: --help must not wait for a database. */
export const createProgram = (): Command => {
  const program = new Command('latchkey')
    .description('Sign-up, login and sessions: the server, and the tools to look after it.')
    .version(version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Say more about a command')
    .helpCommand(false)
    .option('--env-file <file>', 'Read settings from this file instead of .env')
    .option('--json', 'Answer in JSON, for programs')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', `\n${exitCodeHelp}`)

  addServer(program)
  addUsers(program)
  addMoving(program)
  addLocks(program)
  addKeys(program)
  addAudit(program)
  return program
}

const addServer = (program: Command): void => {
  const serve = program
    .command('serve')
    .description('Start the server; runs until SIGTERM or Ctrl+C, finishing what is under way')
    .option('--port <number>', 'Port to listen on, instead of PORT')
    .option('--host <address>', 'Address to listen on, instead of HOST')
    .option('--workers <number>', 'How many processes serve, or auto; instead of WORKERS')
    .addOption(new Option('--worker <place>').hideHelp())
    .option(
      '--demo-providers',
      'Login providers that are make-believe, to try social login\nwithout an account anywhere; in development only',
    )
  runs(serve, async () => (await import('./serve.js')).serve)

  const migrate = program
    .command('migrate')
    .description('Bring the database up to date')
    .option('--check', 'Only say what has not run, with exit code 5 if there is anything')
    .addOption(
      new Option('--sql', 'Only print what would run, in the words of the database').conflicts(
        'check',
      ),
    )
  runs(migrate, async () => (await import('./migrate.js')).migrate)

  const config = program.command('config').helpCommand(false).description('Look at the settings')
  const check = config
    .command('check')
    .description('Check all settings and show which count, without starting anything')
    .option('--database', 'Open the database, too')
  runs(check, async () => (await import('./config-check.js')).configCheck)

  const doctor = program
    .command('doctor')
    .description('Look for what is wrong with this installation, and say how to mend it')
  runs(doctor, async () => (await import('./doctor.js')).doctor)
}

const addUsers = (program: Command): void => {
  const users = program.command('users').helpCommand(false).description('Look after accounts')

  const create = users
    .command('create')
    .description('Add an account; asks for what is missing when there is a terminal')
    .option('--email <address>', 'E-mail address')
    .option('--username <name>', 'Username')
    .option('--first-name <name>', 'First name')
    .option('--last-name <name>', 'Last name')
    .option('--role <names...>', 'Its roles')
  runs(withPassword(create), async () => (await import('./users-create.js')).usersCreate)

  const list = users
    .command('list')
    .description('List accounts in the order they were made')
    .option('--limit <number>', 'How many, 1 to 999', '50')
    .option('--after <id>', 'Start behind this account: the last id of the page before')
  runs(list, async () => (await import('./users-list.js')).usersList)

  const account = '<account>'
  const which = 'Its id, e-mail address or username'
  const disable = users
    .command('disable')
    .description('Keep an account out; its sessions end')
    .argument(account, which)
  runs(disable, async () => (await import('./users-disable.js')).usersDisable)

  const enable = users
    .command('enable')
    .description('Let an account in again')
    .argument(account, which)
  runs(enable, async () => (await import('./users-enable.js')).usersEnable)

  const reset = users
    .command('reset-password')
    .description('Set a new password; all sessions of the account end')
    .argument(account, which)
  runs(
    withPassword(reset),
    async () => (await import('./users-reset-password.js')).usersResetPassword,
  )
}

/** Accounts on the move. */
const addMoving = (program: Command): void => {
  const imports = program
    .command('import')
    .description('Take in the accounts of another system; without --yes it only looks, and asks')
    .requiredOption('--from <source>', 'A database URL, or a file: .csv, .ndjson, .json')
    .option('--table <name>', 'The table or collection, where several look like users')
    .option(
      '--map <column=field...>',
      'What a column holds, or that it is to be ignored: id, email,\nusername, password, salt, first_name, last_name, name,\nemail_verified, is_active, disabled, roles, created_at,\nupdated_at, last_login_at, provider, ignore',
    )
    .option('--yes', 'Import without asking')
    .option('--dry-run', 'Only look, and say what would come in')
    .option('--report <file>', 'Write every row that stays out to this CSV file')
    .option('--without-password', 'Take accounts whose hash cannot be used in without a password')
    .option(
      '--wrap <digest>',
      'Wrap weak hashes: md5, sha1, sha256, sha512; with a salt\nsha1:salt-password or sha1:password-salt',
    )
    .option('--firebase <file>', 'The password hash parameters of a Firebase project, as JSON')
    .option('--plaintext', 'What is no hash is the password itself: hash it')
  runs(imports, async () => (await import('./import.js')).importAccounts)

  const exports = program
    .command('export')
    .description('Write all accounts out, hashes included, one JSON object a line')
    .option('--out <file>', 'Write there instead of to the standard output')
    .option('--yes', 'Write hashes to a terminal, too')
  runs(exports, async () => (await import('./export.js')).exportAccounts)
}

/** A password is never an argument: every user of a machine can read the arguments of every process. */
const withPassword = (command: Command): Command =>
  command
    .option('--password-stdin', 'Read the password from the standard input')
    .option('--generate', 'Make a password and print it once')

const addLocks = (program: Command): void => {
  const locks = program
    .command('locks')
    .helpCommand(false)
    .description('See who is locked out because of wrong passwords, and let them in again')

  const list = locks
    .command('list')
    .description('List who has to wait, why, and until when')
    .option('--limit <number>', 'How many, 1 to 999', '50')
    .option('--after <key>', 'Start behind this lock: the page before names it')
  runs(list, async () => (await import('./locks-list.js')).locksList)

  const clear = locks
    .command('clear')
    .description('Forget the failed logins of an account or of an address')
    .argument('[of]', 'An account (its id, e-mail address or username) or an IP address')
    .option('--all', 'Forget all that have led to a lock')
  runs(clear, async () => (await import('./locks-clear.js')).locksClear)
}

const addKeys = (program: Command): void => {
  const keys = program
    .command('keys')
    .helpCommand(false)
    .description('Look after the keys that sign access tokens')

  const list = keys.command('list').description('List the signing keys')
  runs(list, async () => (await import('./keys-list.js')).keysList)

  const rotate = keys
    .command('rotate')
    .description('Make a new signing key; it is published ten minutes before it signs')
    .option('--now', 'Sign with it at once: for a key that is no longer secret')
  runs(rotate, async () => (await import('./keys-rotate.js')).keysRotate)
}

const addAudit = (program: Command): void => {
  const audit = program
    .command('audit')
    .helpCommand(false)
    .description('Look after the trail of events')

  const verify = audit
    .command('verify')
    .description('Look for events that were changed, removed, moved or added; exit code 6 if so')
    .option('--checkpoint <text|file>', 'Compare checkpoints kept elsewhere: one, or a log of them')
  runs(verify, async () => (await import('./audit-verify.js')).auditVerify)

  const formats = new Option('--format <format>', 'How each event is written')
  const exported = selecting(audit.command('export').description('Write the events to a file'))
    .addOption(formats.choices(['ndjson', 'csv']).default('ndjson'))
    .option('--out <file>', 'Write there instead of to the standard output')
  runs(exported, async () => (await import('./audit-export.js')).auditExport)

  const tail = selecting(audit.command('tail').description('Show the newest events'))
    .option('-n, --lines <number>', 'How many, 1 to 1000', '20')
    .option('-f, --follow', 'Go on with those that come')
  runs(tail, async () => (await import('./audit-tail.js')).auditTail)

  const prune = audit
    .command('prune')
    .description('Remove old events, and keep what proves the rest; without --yes only count them')
    .requiredOption('--before <time>', 'A day, an instant, or how long ago: 2026-01-31, 365d')
    .option('--yes', 'Remove them')
  runs(prune, async () => (await import('./audit-prune.js')).auditPrune)

  const key = audit
    .command('key')
    .description('Print the public key with which anybody can check the signature of a checkpoint')
  runs(key, async () => (await import('./audit-key.js')).auditKey)
}

const selecting = (command: Command): Command =>
  command
    .option('--since <time>', 'From then on: 2026-01-31, 2026-01-31T12:00:00Z, or 30d')
    .option('--until <time>', 'Up to then')
    .option('--subject <id>', 'About this account')
    .option('--type <type>', 'Of this type, or of a group of them: login.failed, login')

const runs = <Options>(command: Command, load: () => Promise<Verb<Options>>): void => {
  command.action(async () => {
    const { envFile, json = false } = command.optsWithGlobals<{
      envFile?: string
      json?: boolean
    }>()
    const verb = await load()
    await verb({
      words: command.args,
      options: command.opts<Options & Record<string, unknown>>(),
      envFile,
      output: createOutput({ json }),
    })
  })
}
