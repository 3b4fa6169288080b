#!lua
-- Writes one entry of the audit log and what it tells of, in one step. The hash of the chain is made by the caller, who
-- has read the last entry; when another came in between, nothing is written and the caller reads again. The log thus
-- also serialises all changes of accounts: what was read after the last entry is still so when the new one is written.
--
-- keys   1 the log  2 what is remembered of the request, then those of the effects
-- args   1 id of the last entry as read  2 id of the new one  3 digest of the request  4 how long it is remembered, s
--        5 the entry's fields, flat, as JSON  6 effects as JSON: [[command, number of its key, argument, …], …]
local remembered = redis.call('GET', KEYS[2])
if remembered and remembered ~= ARGV[3] then
  return 'reused'
end
if remembered then
  -- A write on purpose: WAITAOF on this connection then covers the first command's writes as well.
  redis.call('EXPIRE', KEYS[2], ARGV[4])
  return 'again'
end
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if (newest[1] and newest[1][1] or '0-0') ~= ARGV[1] then
  return 'behind'
end
-- First, since it is the only write that can be refused: the log never takes a number twice, even when its end was cut.
redis.call('XADD', KEYS[1], ARGV[2], unpack(cjson.decode(ARGV[5])))
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
for _, effect in ipairs(cjson.decode(ARGV[6])) do
  redis.call(effect[1], KEYS[2 + effect[2]], unpack(effect, 3))
end
return 'kept'
