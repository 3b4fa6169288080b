#!lua name=booking
-- The appointment book's atomic steps. Each checks everything before its first write, since the server isolates a
-- function but never rolls it back. No clock: `now` and every deadline come with the command, in seconds since 1970.
--
-- Every step takes args 1 the digest of the command's body (64 hex digits), 2 the command as JSON, 3 the document that it
-- keeps (an appointment as it shall be, or a leave), 4 what it answers, which names nobody since it is kept for a repeated
-- command; and answers {"ok", bytes} or {"refused", reason, detail}.
--
-- With `command.along` the last key is the staff's log, which gets one entry in the same step (bot/platform/along.py).
--
-- booking_change    keeps an appointment as it shall be, if all that the command asks for holds
-- booking_forget    removes an appointment and all that points to it
-- booking_leave     takes an actor out of the book for a time; booking_return puts it back
--
-- A calendar is a sorted set, score start, member "start:until:hold_until:kind:id", and so tells all that an overlap
-- check needs: other appointments' keys cannot be declared beforehand. Leave stands in it like an appointment.

local DIGEST_LENGTH = 64
-- Keys of booking_change and booking_forget, then the calendars of `roles`, then those of `old_roles`.
local RECORD, DOCUMENT, SEQUENCE, EVENTS, TIMERS = 1, 2, 3, 4, 5
local CONFLICTS, NOTICES, AGENDA, PERSON, FIXED_KEYS = 6, 7, 8, 9, 9
-- Keys of booking_leave and booking_return; 2 is the actor's leaves. Then the calendars.
local LEAVES, LEAVE_KEYS = 2, 5

local function refused(reason, detail)
  return {'refused', reason, detail or ''}
end

-- A repeated command gets the first answer. Setting the record's life anew is a write on purpose: WAITAOF on this
-- connection then covers the first command's writes as well.
local function replay(keys, args, command)
  local record = command.recorded and redis.call('GET', keys[RECORD])
  if not record then
    return nil
  end
  if string.sub(record, 1, DIGEST_LENGTH) ~= args[1] then
    return refused('key_reused')
  end
  redis.call('EXPIRE', keys[RECORD], command.kept_for)
  return {'ok', string.sub(record, DIGEST_LENGTH + 1)}
end

-- Keeps the answer for whoever asks again, and returns it.
local function answer(keys, args, command, text)
  if command.recorded then
    redis.call('SET', keys[RECORD], args[1] .. text, 'EX', command.kept_for)
  end
  return {'ok', text}
end

-- Refused when another entry has come into the staff's log since ours was made.
local function behind(keys, command)
  if not command.along then
    return nil
  end
  local newest = redis.call('XREVRANGE', keys[#keys], '+', '-', 'COUNT', 1)
  return (newest[1] and newest[1][1] or '0-0') ~= command.along.after and refused('behind') or nil
end

-- The first writes of every step, the log's before the other: were it broken, nothing else would be half done. Events are
-- numbered by a counter, not by the server's clock.
local function tell(keys, command, id, state)
  if command.along then
    redis.call('XADD', keys[#keys], command.along.id, unpack(command.along.fields))
  end
  local number = redis.call('INCR', keys[SEQUENCE])
  redis.call('XADD', keys[EVENTS], string.format('%d-0', number), 'event', command.event, 'appointment', id,
    'state', state, 'by', command.by, 'who', command.staff, 'at', string.format('%d', command.now))
end

local function slice(keys, first, count)
  local part = {}
  for i = first, first + count - 1 do
    part[#part + 1] = keys[i]
  end
  return part
end

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then
      return true
    end
  end
  return false
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
  for _, member in ipairs(command.conflicts) do
    if redis.call('SISMEMBER', keys[CONFLICTS], member) == 1 then
      return refused('conflict_of_interest')
    end
  end
  return nil, cleared
end

-- Nobody is nobody's respondent, though an appointment without one has '' there.
local function theirs(doc, command)
  return not command.named or (command.who ~= '' and doc[command.by] == command.who)
end

-- Returns a refusal unless the appointment is there and is the asker's, as it was read and in a state that may change.
-- Somebody else's and absent look the same.
local function check_old(old, command)
  if not old or not theirs(old, command) then
    return refused('absent')
  end
  if old.revision ~= command.revision then
    return refused('stale')
  end
  if not contains(command.sources, old.state) then
    return refused('state', old.state)
  end
  return nil
end

-- A timer that rings is there, and due: so it rings once, whoever else is ringing it.
local function rings(keys, command)
  local due = redis.call('ZSCORE', keys[TIMERS], command.timer)
  return due and tonumber(due) <= command.now
end

local function hold_over(old, calendars, roles, now)
  if old.hold_until == 0 then
    return false
  end
  for i, role in ipairs(roles) do
    if not redis.call('ZSCORE', calendars[i], entry(old, role)) then
      return true
    end
  end
  return old.hold_until <= now
end

-- Dead holds lose their place, so that a late confirmation by a process whose clock is behind finds it gone.
local function clear(cleared, calendars)
  for i, members in ipairs(cleared) do
    for _, member in ipairs(members) do
      redis.call('ZREM', calendars[i], member)
    end
  end
end

local function strike(doc, calendars, roles)
  for i, role in ipairs(roles) do
    redis.call('ZREM', calendars[i], entry(doc, role))
  end
end

local function list_in(doc, calendars, roles)
  for i, role in ipairs(roles) do
    redis.call('ZADD', calendars[i], doc.start, entry(doc, role))
  end
end

-- `command.timers` names every timer that the change may touch: 0 for one that shall not ring.
local function set_timers(doc, keys, command)
  for name, due in pairs(command.timers) do
    if due > 0 then
      redis.call('ZADD', keys[TIMERS], due, doc.id .. ':' .. name)
    else
      redis.call('ZREM', keys[TIMERS], doc.id .. ':' .. name)
    end
  end
end

-- A hold that was never confirmed is nobody's history: it leaves the indexes at once and is gone after `expires`.
local function index(doc, keys, command)
  if command.expires > 0 then
    redis.call('ZREM', keys[AGENDA], doc.id)
    redis.call('ZREM', keys[PERSON], doc.id)
    redis.call('EXPIRE', keys[DOCUMENT], command.expires)
    return
  end
  redis.call('ZADD', keys[AGENDA], doc.start, doc.id)
  if doc.citizen ~= '' then
    redis.call('ZADD', keys[PERSON], doc.start, doc.id)
  else
    redis.call('ZREM', keys[PERSON], doc.id)
  end
end

local function send(doc, keys, command)
  for _, what in ipairs(command.notices) do
    redis.call('XADD', keys[NOTICES], '*', 'person', doc.citizen, 'what', what, 'appointment', doc.id,
      'at', string.format('%d', command.now))
  end
end

-- Returns a refusal, or nil and the dead holds to clear away.
local function check(old, new, keys, command, calendars, left)
  if command.fresh then
    if old then
      return refused('id_used')
    end
  else
    local problem = check_old(old, command)
    if problem then
      return problem
    end
  end
  if command.timer and not rings(keys, command) then
    return refused('not_due')
  end
  if old and #command.roles > 0 and hold_over(old, left, command.old_roles, command.now) then
    return refused('hold_over')
  end
  if command.another_time then
    return check_time(new, calendars, keys, command)
  end
  return nil, {}
end

local function change(keys, args, command)
  local kept = redis.call('GET', keys[DOCUMENT])
  local old, new = kept and cjson.decode(kept), cjson.decode(args[3])
  local calendars = slice(keys, FIXED_KEYS + 1, #command.roles)
  local left = slice(keys, FIXED_KEYS + 1 + #command.roles, #command.old_roles)
  local problem, cleared = check(old, new, keys, command, calendars, left)
  if problem then
    return problem
  end
  tell(keys, command, new.id, new.state)
  send(new, keys, command)
  clear(cleared, calendars)
  if old then
    strike(old, left, command.old_roles)
  end
  list_in(new, calendars, command.roles)
  if #command.learnt > 0 then
    redis.call('SADD', keys[CONFLICTS], unpack(command.learnt))
  end
  set_timers(new, keys, command)
  redis.call('SET', keys[DOCUMENT], args[3])
  index(new, keys, command)
  return answer(keys, args, command, args[4])
end

local function forget(keys, args, command)
  local kept = redis.call('GET', keys[DOCUMENT])
  local old = kept and cjson.decode(kept)
  local problem = check_old(old, command)
  if problem then
    return problem
  end
  tell(keys, command, old.id, old.state)
  strike(old, slice(keys, FIXED_KEYS + 1, #command.old_roles), command.old_roles)
  set_timers(old, keys, command)
  redis.call('ZREM', keys[AGENDA], old.id)
  redis.call('ZREM', keys[PERSON], old.id)
  redis.call('DEL', keys[DOCUMENT])
  return {'ok', kept}
end

-- Answers with the ids of the appointments that stand in the leave. Each gets a timer that is due at once, so that it is
-- moved or ended even when whoever asked for the leave dies now.
local function leave(keys, args, command)
  local calendars = slice(keys, LEAVE_KEYS + 1, command.calendars)
  local hit, seen = {}, {}
  for _, calendar in ipairs(calendars) do
    local live = entries(calendar, command.start - command.longest, command['until'], '', command.now)
    for _, other in ipairs(live) do
      if other.till > command.start and other.kind ~= 'leave' and not seen[other.id] then
        seen[other.id] = true
        hit[#hit + 1] = other.id
      end
    end
  end
  tell(keys, command, command.id, 'leave')
  for _, calendar in ipairs(calendars) do
    redis.call('ZREMRANGEBYSCORE', calendar, '-inf', command.forgotten)
    for i, piece in ipairs(command.pieces) do
      redis.call('ZADD', calendar, piece[1], string.format('%d:%d:0:leave:%s.%d', piece[1], piece[2], command.id, i))
    end
  end
  redis.call('ZREMRANGEBYSCORE', keys[LEAVES], '-inf', command.forgotten)
  redis.call('ZADD', keys[LEAVES], command['until'], args[3])
  for _, id in ipairs(hit) do
    redis.call('ZADD', keys[TIMERS], command.now, id .. ':leave')
  end
  return answer(keys, args, command, table.concat(hit, ' '))
end

local function return_(keys, args, command)
  if not redis.call('ZSCORE', keys[LEAVES], args[3]) then
    return refused('absent')
  end
  tell(keys, command, command.id, 'returned')
  for _, calendar in ipairs(slice(keys, LEAVE_KEYS + 1, command.calendars)) do
    for i, piece in ipairs(command.pieces) do
      redis.call('ZREM', calendar, string.format('%d:%d:0:leave:%s.%d', piece[1], piece[2], command.id, i))
    end
  end
  redis.call('ZREM', keys[LEAVES], args[3])
  return answer(keys, args, command, args[4])
end

local function register(name, step)
  redis.register_function(name, function(keys, args)
    local command = cjson.decode(args[2])
    return replay(keys, args, command) or behind(keys, command) or step(keys, args, command)
  end)
end

register('booking_change', change)
register('booking_forget', forget)
register('booking_leave', leave)
register('booking_return', return_)
