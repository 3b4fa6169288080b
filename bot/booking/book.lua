#!lua name=booking
-- The appointment book's atomic steps. Each checks everything before its first write, since the server isolates a
-- function but never rolls it back. No clock: `now` and every deadline come with the command, in seconds since 1970.
--
-- Every function takes
--   keys   1 idempotency record  2 appointment  3 sequence  4 events  5 reminders  6 holds  7 conflicts, then calendars
--   args   1 digest of the command's body (64 hex digits)  2 the command as JSON
-- and answers {"ok", bytes} (the same bytes to the same idempotency key and body) or {"refused", reason, detail}.
--
-- A calendar is a sorted set, score start, member "start:until:hold_until:kind:id", and so tells all that an overlap
-- check needs: other appointments' keys cannot be declared beforehand.

local FIXED_KEYS = 7
local DIGEST_LENGTH = 64

local function refused(reason, detail)
  return {'refused', reason, detail or ''}
end

-- A repeated command gets the first answer. Setting the record's life anew is a write on purpose: WAITAOF on this
-- connection then covers the first command's writes as well.
local function replay(keys, args, command)
  local record = redis.call('GET', keys[1])
  if not record then
    return nil
  end
  if string.sub(record, 1, DIGEST_LENGTH) ~= args[1] then
    return refused('key_reused')
  end
  redis.call('EXPIRE', keys[1], command.kept_for)
  return {'ok', string.sub(record, DIGEST_LENGTH + 1)}
end

local function slice(keys, first, count)
  local part = {}
  for i = first, first + count - 1 do
    part[#part + 1] = keys[i]
  end
  return part
end

-- The buffer after an appointment is the staff's, not the citizen's.
local function taken_until(doc, role)
  return role == 'citizen' and doc['end'] or doc['until']
end

local function entry(doc, role)
  return string.format('%d:%d:%d:%s:%s', doc.start, taken_until(doc, role), doc.hold_until, doc.kind, doc.id)
end

local function parse(member)
  local start, till, hold, kind, id = string.match(member, '^(%d+):(%d+):(%d+):([^:]+):(.+)$')
  return {member = member, start = tonumber(start), till = tonumber(till), hold = tonumber(hold), kind = kind, id = id}
end

-- A hold whose deadline has come takes no time any more, whether or not anybody has cleared it away.
local function entries(calendar, from, to, own_id, now)
  local live, dead = {}, {}
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', calendar, from, '(' .. string.format('%d', to))) do
    local other = parse(member)
    if other.id ~= own_id then
      local list = (other.hold > 0 and other.hold <= now) and dead or live
      list[#list + 1] = other
    end
  end
  return live, dead
end

-- Returns who is taken, or nil and the dead holds in each calendar that would overlap.
local function overlaps(doc, calendars, command)
  local cleared = {}
  for i, role in ipairs(command.roles) do
    local live, dead = entries(calendars[i], doc.start - command.longest, taken_until(doc, role), doc.id, command.now)
    for _, other in ipairs(live) do
      if other.till > doc.start then
        return role
      end
    end
    cleared[i] = {}
    for _, other in ipairs(dead) do
      if other.till > doc.start then
        table.insert(cleared[i], other.member)
      end
    end
  end
  return nil, cleared
end

local function quota_reached(doc, calendars, command)
  for i, role in ipairs(command.roles) do
    if role == 'citizen' then
      local live = entries(calendars[i], command.day[1], command.day[2], doc.id, command.now)
      local count = 0
      for _, other in ipairs(live) do
        count = count + (other.kind == doc.kind and 1 or 0)
      end
      return count >= command.daily_limit
    end
  end
  return false
end

local function conflicted(doc, conflicts)
  for _, person in ipairs({doc.citizen, doc.respondent}) do
    if person ~= '' and redis.call('SISMEMBER', conflicts, person) == 1 then
      return true
    end
  end
  return false
end

-- Returns a refusal, or nil and the dead holds to clear away.
local function check_time(doc, calendars, keys, command)
  if command.closed then
    return refused('closed')
  end
  local taken, cleared = overlaps(doc, calendars, command)
  if taken then
    return refused('taken', taken)
  end
  if quota_reached(doc, calendars, command) then
    return refused('quota')
  end
  if conflicted(doc, keys[7]) then
    return refused('conflict_of_interest')
  end
  return nil, cleared
end

local function entries_of(doc, roles)
  local members = {}
  for i, role in ipairs(roles) do
    members[i] = entry(doc, role)
  end
  return members
end

local function list_in(doc, calendars, roles)
  for i, member in ipairs(entries_of(doc, roles)) do
    redis.call('ZADD', calendars[i], doc.start, member)
  end
end

local function strike_from(members, calendars)
  for i, member in ipairs(members) do
    redis.call('ZREM', calendars[i], member)
  end
end

-- Dead holds lose their place, so that a late confirmation by a process whose clock is behind finds it gone.
local function clear(cleared, calendars)
  for i, members in ipairs(cleared) do
    for _, member in ipairs(members) do
      redis.call('ZREM', calendars[i], member)
    end
  end
end

local function remind(doc, keys, command, wanted)
  for name, before in pairs(command.reminders) do
    local due = doc.start - before
    if wanted and due > command.now then
      redis.call('ZADD', keys[5], due, doc.id .. ':' .. name)
    else
      redis.call('ZREM', keys[5], doc.id .. ':' .. name)
    end
  end
end

-- The first write of every step: were the stream broken, nothing else would be half done. Events are numbered by a
-- counter, not by the server's clock.
local function tell(doc, keys, command, event)
  local number = redis.call('INCR', keys[3])
  redis.call('XADD', keys[4], string.format('%d-0', number), 'event', event, 'appointment', doc.id,
    'state', doc.state, 'by', command.by, 'at', string.format('%d', command.now))
end

-- Writes the appointment, its deadline and the idempotency record; returns the answer.
local function keep(doc, keys, args, command)
  local text = cjson.encode(doc)
  redis.call('SET', keys[2], text)
  if doc.hold_until > 0 then
    redis.call('ZADD', keys[6], doc.hold_until, doc.id)
  else
    redis.call('ZREM', keys[6], doc.id)
  end
  redis.call('SET', keys[1], args[1] .. text, 'EX', command.kept_for)
  return {'ok', text}
end

local function has_place(doc, calendars, roles)
  for i, role in ipairs(roles) do
    if not redis.call('ZSCORE', calendars[i], entry(doc, role)) then
      return false
    end
  end
  return true
end

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
end

-- Nobody is nobody's respondent, though an appointment without one has '' there.
local function theirs(doc, command)
  return not command.named or (command.who ~= '' and doc[command.by] == command.who)
end

-- Returns the appointment, or nil and a refusal. Somebody else's and absent look the same.
local function open_for(keys, command)
  local text = redis.call('GET', keys[2])
  local doc = text and cjson.decode(text)
  if not doc or not theirs(doc, command) then
    return nil, refused('absent')
  end
  if doc.revision ~= command.revision then
    return nil, refused('stale')
  end
  if not contains(command.sources, doc.state) then
    return nil, refused('state', doc.state)
  end
  return doc, nil
end

local function hold_over(doc, calendars, roles, now)
  return doc.hold_until > 0 and (doc.hold_until <= now or not has_place(doc, calendars, roles))
end

local function claim(keys, args)
  local command = cjson.decode(args[2])
  local again = replay(keys, args, command)
  if again then
    return again
  end
  local doc = command.appointment
  if redis.call('EXISTS', keys[2]) == 1 then
    return refused('state', 'exists')
  end
  local calendars = slice(keys, FIXED_KEYS + 1, #command.roles)
  local problem, cleared = check_time(doc, calendars, keys, command)
  if problem then
    return problem
  end
  tell(doc, keys, command, 'claimed')
  clear(cleared, calendars)
  list_in(doc, calendars, command.roles)
  remind(doc, keys, command, #command.roles > 0)
  return keep(doc, keys, args, command)
end

-- Claims the new time and releases the old one. `command.appointment` is the appointment as it shall be; its calendars
-- come first in keys, then those of `command.old_roles`.
local function move(keys, args)
  local command = cjson.decode(args[2])
  local again = replay(keys, args, command)
  if again then
    return again
  end
  local old, problem = open_for(keys, command)
  if problem then
    return problem
  end
  local new = command.appointment
  local calendars = slice(keys, FIXED_KEYS + 1, #command.roles)
  local left = slice(keys, FIXED_KEYS + 1 + #command.roles, #command.old_roles)
  if hold_over(old, left, command.old_roles, command.now) then
    return refused('hold_over')
  end
  local taken, cleared = check_time(new, calendars, keys, command)
  if taken then
    return taken
  end
  tell(new, keys, command, 'moved')
  clear(cleared, calendars)
  strike_from(entries_of(old, command.old_roles), left)
  list_in(new, calendars, command.roles)
  remind(new, keys, command, true)
  return keep(new, keys, args, command)
end

-- Brings an appointment to `command.state`; it is merely held no more.
local function settle(doc, keys, args, command, event)
  local calendars = slice(keys, FIXED_KEYS + 1, #command.roles)
  local before = entries_of(doc, command.roles)
  doc.state, doc.hold_until, doc.revision = command.state, 0, doc.revision + 1
  tell(doc, keys, command, event)
  strike_from(before, calendars)
  if command.takes_time then
    list_in(doc, calendars, command.roles)
  end
  remind(doc, keys, command, command.reminded)
  return keep(doc, keys, args, command)
end

local function transition(keys, args)
  local command = cjson.decode(args[2])
  local again = replay(keys, args, command)
  if again then
    return again
  end
  local doc, problem = open_for(keys, command)
  if problem then
    return problem
  end
  local calendars = slice(keys, FIXED_KEYS + 1, #command.roles)
  if command.takes_time and hold_over(doc, calendars, command.roles, command.now) then
    return refused('hold_over')
  end
  return settle(doc, keys, args, command, command.state)
end

local function expire(keys, args)
  local command = cjson.decode(args[2])
  local again = replay(keys, args, command)
  if again then
    return again
  end
  local doc, problem = open_for(keys, command)
  if problem then
    return problem
  end
  if doc.hold_until == 0 or doc.hold_until > command.now then
    return refused('still_held')
  end
  return settle(doc, keys, args, command, 'expired')
end

redis.register_function('booking_claim', claim)
redis.register_function('booking_move', move)
redis.register_function('booking_transition', transition)
redis.register_function('booking_expire', expire)
