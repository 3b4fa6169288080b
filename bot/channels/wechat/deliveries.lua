#!lua
-- What WeChat's deliveries do to each other, one step each. KEYS and ARGV stand beside each step in deliveries.py.
-- A push is waiting, then answered (its reply is kept) and collected (somebody took the reply to WeChat), or late (WeChat
-- was told so) and then pushed (the reply goes another way).
local step = table.remove(ARGV, 1)

if step == 'arrive' then
  local push, inbound, line, waiting = unpack(KEYS)
  local digest, sealed, member, now, seconds = unpack(ARGV)
  local state = redis.call('HGET', push, 'state')
  if state then return state end
  redis.call('HSET', push, 'state', 'waiting')
  redis.call('EXPIRE', push, seconds)
  redis.call('SET', inbound, sealed, 'EX', seconds)
  redis.call('RPUSH', line, digest)
  redis.call('EXPIRE', line, seconds)
  redis.call('ZADD', waiting, now, member)
  return 'new'
end

if step == 'lead' then
  local lead, line, rest = unpack(KEYS)
  local owner, milliseconds = unpack(ARGV)
  if not redis.call('SET', lead, owner, 'NX', 'PX', milliseconds) then return false end
  return {redis.call('LINDEX', line, 0) or '', redis.call('GET', rest) or ''}
end

if step == 'open' then
  local push, inbound, line = unpack(KEYS)
  local sealed = redis.call('GET', inbound)
  if sealed then return {sealed, redis.call('HINCRBY', push, 'tries', 1)} end
  if redis.call('LINDEX', line, 0) == ARGV[1] then redis.call('LPOP', line) end
  return false
end

if step == 'renew' then
  local lead, waiting = unpack(KEYS)
  local owner, milliseconds, member, now = unpack(ARGV)
  if redis.call('GET', lead) ~= owner then return 0 end
  redis.call('PEXPIRE', lead, milliseconds)
  redis.call('ZADD', waiting, now, member)
  return 1
end

if step == 'commit' then
  local lead, push, inbound, answer, line, rest, uncollected = unpack(KEYS)
  local owner, digest, kept, after, late, member, due, kept_seconds, seen_seconds, rest_seconds = unpack(ARGV)
  local state = redis.call('HGET', push, 'state')
  if not state then return 'erased' end
  if redis.call('GET', lead) ~= owner or redis.call('LINDEX', line, 0) ~= digest then return 'lost' end
  redis.call('LPOP', line)
  redis.call('DEL', inbound)
  local said = after
  if state == 'late' then
    said = late
    state = 'pushed'
  else
    state = 'answered'
    redis.call('SET', answer, kept, 'EX', kept_seconds)
    redis.call('ZADD', uncollected, due, member)
  end
  redis.call('HSET', push, 'state', state)
  redis.call('EXPIRE', push, seen_seconds)
  if said == '' then redis.call('DEL', rest) else redis.call('SET', rest, said, 'EX', rest_seconds) end
  return state
end

if step == 'collect' then
  local push, answer, uncollected = unpack(KEYS)
  local here, member = unpack(ARGV)
  local state = redis.call('HGET', push, 'state') or ''
  if state == 'answered' and here == '1' then
    redis.call('HSET', push, 'state', 'collected')
    redis.call('ZREM', uncollected, member)
  end
  local read = state == 'answered' or state == 'collected'
  return {state, read and redis.call('GET', answer) or ''}
end

if step == 'move' then
  local push, uncollected = unpack(KEYS)
  local from, to, member = unpack(ARGV)
  local state = redis.call('HGET', push, 'state')
  if state == from then
    redis.call('HSET', push, 'state', to)
    redis.call('ZREM', uncollected, member)
  end
  return state or ''
end

if step == 'rest' then
  local lead, rest = unpack(KEYS)
  local owner, sealed, seconds = unpack(ARGV)
  if redis.call('GET', lead) ~= owner then return 0 end
  if sealed == '' then redis.call('DEL', rest) else redis.call('SET', rest, sealed, 'EX', seconds) end
  return 1
end

if step == 'leave' then
  local lead, line, waiting = unpack(KEYS)
  local owner, member = unpack(ARGV)
  if redis.call('GET', lead) ~= owner then return false end
  local head = redis.call('LINDEX', line, 0)
  if head then return head end
  redis.call('DEL', lead)
  redis.call('ZREM', waiting, member)
  return false
end
