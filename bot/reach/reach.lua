#!lua
-- What may be sent to a citizen, and what becomes of one notice: each change in one step, so that two processes never
-- spend the same message, and whoever dies when, no notice is sent twice.
--
-- keys  1 the person  2 the notice's job  3 jobs by when they are due  4 jobs for a call, by when  5 the platform's id of a
--       notice, after its way, or the pushes of the person that were counted  6 people whose data is to be let go
-- args  1 what to do  2 the particulars as JSON
--
-- A person is a hash: openid (sealed), followed, changed, left:<trigger>, until:<trigger>, may:<template>.
-- A job is a hash of bot.reach.records.Job; it is in 3 exactly while something is still to be done about it.
local op, told = ARGV[1], cjson.decode(ARGV[2])
local person, job, due, calls, note, leaving = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

local function whole(number)
  return string.format('%.0f', number)
end

local function number_of(name, field)
  return tonumber(redis.call('HGET', name, field) or '0') or 0
end

local function fields_of(name)
  local flat, found = redis.call('HGETALL', name), {}
  for at = 1, #flat, 2 do
    found[flat[at]] = flat[at + 1]
  end
  return found
end

-- Every open window pays for each message: whatever the platform counts it against, it is not more than that. Messages
-- that belong together are paid for together, or not at all.
local function spend(count)
  local found, open, most = fields_of(person), {}, 0
  for field, value in pairs(found) do
    local trigger = string.match(field, '^left:(.+)$')
    if trigger and tonumber(value) > 0 and tonumber(found['until:' .. trigger] or '0') > told.now then
      open[field] = tonumber(value)
      most = math.max(most, open[field])
    end
  end
  if most < count then
    return false
  end
  for field, left in pairs(open) do
    redis.call('HINCRBY', person, field, whole(-math.min(left, count)))
  end
  return true
end

local function forget_windows()
  for field, _ in pairs(fields_of(person)) do
    if string.match(field, '^left:') or string.match(field, '^until:') then
      redis.call('HDEL', person, field)
    end
  end
end

local steps = {}

function steps.renew()
  -- What comes late, from before the citizen left, renews nothing.
  if told.now < number_of(person, 'changed') then
    return 'old'
  end
  redis.call('HSET', person, 'openid', told.openid, 'followed', '1')
  if told.trigger == 'subscribe' then
    redis.call('HSET', person, 'changed', whole(told.now))
  end
  -- The same act told twice, or an older one told late, renews nothing either.
  if told['until'] > number_of(person, 'until:' .. told.trigger) then
    redis.call('HSET', person, 'left:' .. told.trigger, whole(told.left), 'until:' .. told.trigger, whole(told['until']))
  end
  redis.call('EXPIRE', person, told.keep)
  redis.call('ZREM', leaving, told.person)
  return 'ok'
end

function steps.left()
  if told.now < number_of(person, 'changed') then
    return 'old'
  end
  redis.call('DEL', person)
  redis.call('HSET', person, 'followed', '0', 'changed', whole(told.now))
  redis.call('EXPIRE', person, told.keep)
  if told.unfollowed then
    redis.call('ZADD', leaving, whole(told.now), told.person)
  end
  return 'ok'
end

function steps.take()
  return spend(told.count) and 'ok' or 'spent'
end

function steps.close_windows()
  forget_windows()
  return 'ok'
end

function steps.permit()
  -- Who left took all permissions back; who gives one after that need not follow to get the notice.
  if redis.call('HGET', person, 'followed') == '0' and told.now <= number_of(person, 'changed') then
    return 'gone'
  end
  if redis.call('SADD', note, told.push) == 0 then
    return 'again'
  end
  redis.call('EXPIRE', note, told.keep_pushes)
  redis.call('HINCRBY', person, 'may:' .. told.template, whole(told.count))
  redis.call('HSETNX', person, 'openid', told.openid)
  redis.call('EXPIRE', person, told.keep)
  return 'ok'
end

function steps.take_back()
  local field = 'may:' .. told.template
  if redis.call('HEXISTS', person, field) == 1 then
    redis.call('HSET', person, field, '0')
  end
  return 'ok'
end

-- Take a job for sending, and pay for it; a job that was paid for and then not sent is not paid for again.
function steps.reserve()
  local found = fields_of(job)
  if (found.state ~= 'waiting' and found.state ~= 'busy') or tonumber(found.tries) ~= told.tries then
    return 'gone'
  end
  if found.paid ~= told.way then
    if told.pays == 'window' then
      if not spend(1) then
        return 'spent'
      end
    elseif told.pays ~= '' then
      local field = 'may:' .. told.pays
      if number_of(person, field) <= told.leave then
        return 'spent'
      end
      redis.call('HINCRBY', person, field, -1)
    end
  end
  redis.call('HSET', job, 'state', 'sending', 'way', told.way, 'paid', told.way, 'acted', whole(told.now),
    'tries', whole(told.tries + 1), 'by', whole(told.by))
  redis.call('ZADD', due, whole(told.check), told.id)
  return 'ok'
end

-- Note what became of a job. What the platform told of its message before we knew its id was kept under that id.
function steps.settle()
  local found = fields_of(job)
  local may = false
  for _, state in ipairs(told.from) do
    may = may or state == found.state
  end
  if not may or tonumber(found.tries) ~= told.tries then
    return 'gone'
  end
  local set, at = told.set, told.due
  if told.message ~= '' then
    local early = redis.call('GET', note)
    redis.call('SET', note, told.id, 'EX', told.keep_message)
    if early == 'delivered' then
      set.state = 'delivered'
    elseif early and string.sub(early, 1, 1) == '!' then
      set, at = told.undelivered, told.now
      set.reason = string.sub(early, 2)
    end
  end
  set.acted = whole(told.now)
  for field, value in pairs(set) do
    redis.call('HSET', job, field, value)
  end
  if told.refund ~= '' and found.paid ~= '' then
    redis.call('HSET', job, 'paid', '')
    redis.call('HINCRBY', person, 'may:' .. told.refund, 1)
  end
  if at > 0 then
    redis.call('ZADD', due, whole(at), told.id)
  else
    redis.call('ZREM', due, told.id)
  end
  if set.state == 'call' then
    redis.call('ZADD', calls, whole(told.by), told.id)
  elseif set.state then
    redis.call('ZREM', calls, told.id)
  end
  return set.state or found.state
end

-- Keep the fate of a message whose id nobody has noted yet; answer the job's id when somebody has.
function steps.fate()
  local known = redis.call('GET', note)
  if known and known ~= 'delivered' and string.sub(known, 1, 1) ~= '!' then
    return known
  end
  redis.call('SET', note, told.fate, 'EX', told.keep_message)
  return ''
end

return steps[op]()
