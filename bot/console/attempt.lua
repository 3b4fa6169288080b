#!lua
-- Counts one try in every limiter, or in none: how many lie within the window is checked and written in one step, so that
-- many tries at once get no more than the limit.
--
-- keys   one sorted set a limiter
-- args   1 now, s  2 the window, s  3 a name for this try, then one limit a key
-- Returns 0, or the seconds after which the fullest limiter has room.
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local wait = 0
for i, limiter in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', limiter, '-inf', now - window)
  local limit = tonumber(ARGV[3 + i])
  local first = redis.call('ZRANGE', limiter, -limit, -limit, 'WITHSCORES')
  if first[2] then
    wait = math.max(wait, first[2] + window - now)
  end
end
if wait == 0 then
  for _, limiter in ipairs(KEYS) do
    redis.call('ZADD', limiter, now, ARGV[3])
    redis.call('EXPIRE', limiter, window)
  end
end
return wait
