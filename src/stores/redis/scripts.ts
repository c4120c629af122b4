import { script } from './connection.js'

/**
 * The verbs as Lua, which Redis runs one after the other. KEYS[1] is what keys of sessions begin with, KEYS[2] what those
 * of users do: a client may put something of its own before them, and then the scripts know it too.
 *
 * A session is a hash of texts; what is null has no field. The index of a user is a sorted set of session ids, each behind
 * an `l` (live) or an `e` (ended), all with one score, so that Redis orders them byte by byte: '[l' to '(m' are the live
 * ones. Members outlive their sessions, which Redis forgets by itself, and are dropped when somebody comes across them.
 */
const shared = `
local sessions, users = KEYS[1], KEYS[2]
local function keepFor(key, milliseconds)
  redis.call('PEXPIRE', key, milliseconds)
end
local function keepAtLeast(key, milliseconds)
  if redis.call('PTTL', key) < tonumber(milliseconds) then keepFor(key, milliseconds) end
end
-- adds before it removes: an emptied set would lose its expiry
local function move(index, id, from, to)
  redis.call('ZADD', index, 0, to .. id)
  redis.call('ZREM', index, from .. id)
end
`

/** id, userId, milliseconds to keep it, 'l' or 'e', then names and values. 0 when the id is taken. */
export const insertScript = script(`${shared}
local id, user, milliseconds, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local key, index = sessions .. id, users .. user
if redis.call('EXISTS', key) == 1 then return 0 end
redis.call('HSET', key, unpack(ARGV, 5))
keepFor(key, milliseconds)
redis.call('ZADD', index, 0, state .. id)
keepAtLeast(index, milliseconds)
-- one comes, up to four go: the index of a user who signs in day after day does not grow for ever
for _, range in ipairs({ { '[e', '(f' }, { '[l', '(m' } }) do
  for _, member in ipairs(redis.call('ZRANGEBYLEX', index, range[1], range[2], 'LIMIT', 0, 2)) do
    if redis.call('EXISTS', sessions .. string.sub(member, 2)) == 0 then
      redis.call('ZREM', index, member)
    end
  end
end
return 1
`)

/** id, generation, the next one, now, expiresAt, milliseconds to keep it. */
export const rotateScript = script(`${shared}
local key = sessions .. ARGV[1]
local kept = redis.call('HMGET', key, 'generation', 'revokedAt', 'userId')
if kept[1] ~= ARGV[2] or kept[2] then return 0 end
redis.call('HSET', key, 'generation', ARGV[3], 'lastUsedAt', ARGV[4], 'expiresAt', ARGV[5])
keepFor(key, ARGV[6])
keepAtLeast(users .. kept[3], ARGV[6])
return 1
`)

/** id, now. */
export const revokeScript = script(`${shared}
local key = sessions .. ARGV[1]
local kept = redis.call('HMGET', key, 'userId', 'revokedAt')
if not kept[1] or kept[2] then return 0 end
redis.call('HSET', key, 'revokedAt', ARGV[2])
move(users .. kept[1], ARGV[1], 'l', 'e')
return 1
`)

/** userId, now, the id that is spared or nothing. */
export const revokeAllScript = script(`${shared}
local index, ended = users .. ARGV[1], 0
for _, member in ipairs(redis.call('ZRANGEBYLEX', index, '[l', '(m')) do
  local id = string.sub(member, 2)
  if redis.call('EXISTS', sessions .. id) == 0 then
    redis.call('ZREM', index, member)
  elseif id ~= ARGV[3] then
    redis.call('HSET', sessions .. id, 'revokedAt', ARGV[2])
    move(index, id, 'l', 'e')
    ended = ended + 1
  end
end
return ended
`)

/** userId, the id of the newest, how many may stay, now. */
export const revokeBeyondScript = script(`${shared}
local index, keep, now = users .. ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4])
if #redis.call('ZREVRANGEBYLEX', index, '(m', '[l', 'LIMIT', keep, 1) == 0 then return 0 end
-- a login whose session another one has ended already has no place to claim
if redis.call('HGET', sessions .. ARGV[2], 'revokedAt') then keep = keep + 1 end
local others, ended = 0, 0
for _, member in ipairs(redis.call('ZREVRANGEBYLEX', index, '(m', '[l')) do
  local id = string.sub(member, 2)
  local expiresAt = redis.call('HGET', sessions .. id, 'expiresAt')
  if not expiresAt then
    redis.call('ZREM', index, member)
  elseif id ~= ARGV[2] and tonumber(expiresAt) > now then
    others = others + 1
    if others >= keep then
      redis.call('HSET', sessions .. id, 'revokedAt', ARGV[4])
      move(index, id, 'l', 'e')
      ended = ended + 1
    end
  end
end
return ended
`)

/** userId. */
export const removeAllScript = script(`${shared}
local index = users .. ARGV[1]
for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  redis.call('DEL', sessions .. string.sub(member, 2))
end
redis.call('DEL', index)
return 0
`)

/** userId, now, where to begin: '(m' or '(l' and an id, limit, then the names of what is wanted. */
export const listLiveScript = script(`${shared}
local index, now, from, limit = users .. ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local found = {}
while #found < limit do
  local members = redis.call('ZREVRANGEBYLEX', index, from, '[l', 'LIMIT', 0, limit)
  if #members == 0 then break end
  for _, member in ipairs(members) do
    local key = sessions .. string.sub(member, 2)
    local expiresAt = redis.call('HGET', key, 'expiresAt')
    if not expiresAt then
      redis.call('ZREM', index, member)
    elseif tonumber(expiresAt) > now and #found < limit then
      found[#found + 1] = redis.call('HMGET', key, unpack(ARGV, 5))
    end
  end
  from = '(' .. members[#members]
end
return found
`)
