#!lua
-- One notice, told or passed over, and struck off the outbox in the same step: whoever dies when, it is told once.
--
-- keys  1 the outbox  2 the person's index  3 the notice; from 4 on, one for each of the commands
-- args  1 group  2 the entry's id  3 what is told, as JSON, "" for nothing  4 now in ms  5 how long it is kept, in ms
--       6 commands of the room that sends it, as JSON, the number of its key in the place of each key
--
-- Returns 1 when this call did it, 0 when another did before.
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  return 0
end
redis.call('XDEL', KEYS[1], ARGV[2])
if ARGV[3] == '' then
  return 1
end
-- The number is the time, and above all larger than any before: a page asks for what is after the last it has shown.
local now, kept = tonumber(ARGV[4]), tonumber(ARGV[5])
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
local number = now
if last[2] and tonumber(last[2]) >= now then
  number = tonumber(last[2]) + 1
end
redis.call('SET', KEYS[3], ARGV[3], 'PX', string.format('%.0f', kept))
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now - kept))
redis.call('ZADD', KEYS[2], string.format('%.0f', number), ARGV[2])
redis.call('PEXPIRE', KEYS[2], string.format('%.0f', kept))
for _, command in ipairs(cjson.decode(ARGV[6])) do
  command[2] = KEYS[command[2]]
  redis.call(unpack(command))
end
return 1
