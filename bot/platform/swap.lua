#!lua
-- Puts the keys that were loaded beside in the place of a district's own, in one step: nobody sees it by half, and the
-- append-only file keeps it whole or not at all.
--   args  1 prefix of the district's keys  2 prefix of the keys beside (1 with something before it)
--         3 "replace", or "empty": answer 0 and change nothing when the district has a key
local own = redis.call('KEYS', ARGV[1] .. '*')
if ARGV[3] ~= 'replace' and #own > 0 then
  return 0
end
for _, name in ipairs(own) do
  redis.call('UNLINK', name)
end
for _, name in ipairs(redis.call('KEYS', ARGV[2] .. '*')) do
  redis.call('RENAME', name, string.sub(name, #ARGV[2] - #ARGV[1] + 1))
end
return 1
