#!lua
-- Keeps an application for legal aid as it shall be, in one step: checks everything, then writes. `now` comes with the
-- command. Answers {"ok", bytes}, the same bytes for a repeated request, or {"refused", reason}.
--
-- keys   1 what is remembered of the request  2 the application  3 its events  4 the open ones, by when they came in
--        5 drafts and ended ones, by when to forget them  6 one person's  7 what people must be told
--        8 the staff's log, when `command.along` is its entry of this (bot/platform/along.py)
-- args   1 digest of the request's body  2 the command as JSON  3 the application as JSON  4 the answer as JSON
local command, new = cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
local DIGEST_LENGTH = 64

local remembered = redis.call('GET', KEYS[1])
if remembered then
  if string.sub(remembered, 1, DIGEST_LENGTH) ~= ARGV[1] then
    return {'refused', 'key_reused'}
  end
  -- A write on purpose: WAITAOF on this connection then covers the first command's writes as well.
  redis.call('EXPIRE', KEYS[1], command.kept_for)
  return {'ok', string.sub(remembered, DIGEST_LENGTH + 1)}
end

local kept = redis.call('GET', KEYS[2])
local old = kept and cjson.decode(kept)
if command.fresh then
  if old then
    return {'refused', 'id_used'}
  end
else
  -- Somebody else's and absent look the same.
  if not old or (command.named and (command.who == '' or old.citizen ~= command.who)) then
    return {'refused', 'absent'}
  end
  if old.revision ~= command.revision then
    return {'refused', 'stale'}
  end
  local may = false
  for _, state in ipairs(command.sources) do
    may = may or state == old.state
  end
  if not may then
    return {'refused', 'state'}
  end
end

local along = command.along
if along then
  local newest = redis.call('XREVRANGE', KEYS[8], '+', '-', 'COUNT', 1)
  if (newest[1] and newest[1][1] or '0-0') ~= along.after then
    return {'refused', 'behind'}
  end
end

-- First: were a stream broken, nothing else would be half done.
if along then
  redis.call('XADD', KEYS[8], along.id, unpack(along.fields))
end
redis.call('XADD', KEYS[3], '*', 'event', command.event, 'application', new.id, 'by', command.by, 'who', command.staff,
  'at', string.format('%d', command.now))
if command.notice ~= '' and new.citizen ~= '' then
  redis.call('XADD', KEYS[7], '*', 'person', new.citizen, 'what', command.notice, 'appointment', new.id,
    'at', string.format('%d', command.now))
end
redis.call('SET', KEYS[2], ARGV[3])
if command.over > 0 then
  redis.call('ZADD', KEYS[5], command.over, new.id)
else
  redis.call('ZREM', KEYS[5], new.id)
end
if command.open then
  redis.call('ZADD', KEYS[4], new.submitted, new.id)
else
  redis.call('ZREM', KEYS[4], new.id)
end
if new.citizen ~= '' then
  redis.call('ZADD', KEYS[6], new.at, new.id)
else
  redis.call('ZREM', KEYS[6], new.id)
end
redis.call('SET', KEYS[1], ARGV[1] .. ARGV[4], 'EX', command.kept_for)
return {'ok', ARGV[4]}
