-- sweep_space.lua - the values of a sweep's settings: all combinations of a grid, or combinations drawn at random.
-- The argument is the table that the embedded files share.
--
-- A drawn value depends only on the seed, the number of the draw and the name of the setting: more draws or another
-- setting do not change the others. It is rounded before it is used, so that the table shows the exact value.
local shared = ...
local concat, sort, format = table.concat, table.sort, string.format
local tables = shared.sweep_table
local fail, value_text = tables.fail, tables.value_text
local ATTEMPTS <const> = 1000 -- to draw a new combination

-- A step of SplitMix64: mixes 64 bits.
local function mix(x)
  x = x + 0x9e3779b97f4a7c15
  x = (x ~ x >> 30) * 0xbf58476d1ce4e5b9
  x = (x ~ x >> 27) * 0x94d049bb133111eb
  return x ~ x >> 31
end

-- A number in [0, 1).
local function uniform(seed, index, attempt, name)
  local x = mix(mix(mix(seed) ~ index) ~ attempt)
  for i = 1, #name do
    x = mix(x ~ name:byte(i))
  end
  return (x >> 11) * 2.0 ^ -53
end

-- The range of a text, "0.1..1" or "log:1e-4..1e-1", for a setting.
local function range_of(name, text)
  local known = name == "iterations" and { kind = "count", least = 1 } or shared.ip.settings()[name]
  local log, low, high = text:match("^(l?o?g?:?)([^:]-)%.%.(.+)$")
  local function wrong(why)
    fail("%s: %s %s. A range is LOW..HIGH or log:LOW..HIGH", name, text, why)
  end
  low, high = tonumber(low), tonumber(high)
  if not low or not high or (log ~= "" and log ~= "log:") then
    wrong("is not a range")
  elseif not known or (known.kind ~= "number" and known.kind ~= "count") then
    fail("%s is not a number, so it has no range. List its values", name)
  elseif not (low < high and high - low < math.huge) then
    wrong("does not rise")
  elseif log ~= "" and low <= 0 then
    wrong("starts at 0 or below, where there is no logarithm")
  elseif known.kind == "count" and not (math.tointeger(low) and math.tointeger(high)) then
    wrong("must go from a whole number to another")
  elseif low < (known.least or low) or high > (known.most or high) then
    wrong(format("is outside %s to %s", value_text(known.least), value_text(known.most)))
  end
  return { low = low, high = high, log = log ~= "", whole = known.kind == "count" }
end

-- The value of a range at u in [0, 1): three significant digits, whole for a count.
local function value_in(range, u)
  local low, high, x = range.low, range.high, nil
  if range.log then
    x = low * (high / low) ^ u
  elseif range.whole then
    x = low + u * (high - low + 1) // 1
  else
    x = low + u * (high - low)
  end
  if range.whole and range.log then
    x = x + 0.5
  end
  x = tonumber(format("%.3g", range.whole and x // 1 or x))
  x = math.min(math.max(x, low), high)
  return range.whole and math.tointeger(x) or x
end

-- The axes of a grid, { name, values, range }: a list in its order, a table by its names, sorted.
local function axes_of(grid)
  local axes = {}
  for key, value in pairs(grid or {}) do
    if math.type(key) ~= "integer" then
      axes[#axes + 1] = { key, value }
    end
  end
  sort(axes, function(x, y) return tostring(x[1]) < tostring(y[1]) end)
  for i, axis in ipairs(grid or {}) do
    table.insert(axes, i, axis)
  end
  for i, axis in ipairs(axes) do
    local name, values = axis[1], axis[2]
    local range = type(values) == "string" and range_of(name, values)
    if not range and (type(values) ~= "table" or #values == 0) then
      fail("the grid's %s must be a list of values: grid = { %s = { ... } }", tostring(name), tostring(name))
    end
    axes[i] = { name = name, values = values, range = range }
  end
  return axes
end

-- All combinations of the axes' values, the last name turning fastest.
local function all_of(axes)
  local all = { {} }
  for _, axis in ipairs(axes) do
    local more = {}
    if axis.range then
      fail("%s = %s is a range. Give random = N (--random N) to draw from it, or list its values", axis.name, axis.values)
    end
    for _, one in ipairs(all) do
      for _, value in ipairs(axis.values) do
        local copy = { table.unpack(one) }
        copy[#copy + 1] = { axis.name, value }
        more[#more + 1] = copy
      end
    end
    all = more
  end
  return all
end

local function draw(axes, seed, index, attempt)
  local cell, parts = {}, {}
  for i, axis in ipairs(axes) do
    local u = uniform(seed, index, attempt, axis.name)
    local value = axis.range and value_in(axis.range, u)
    if value == nil or not axis.range then
      value = axis.values[1 + math.floor(u * #axis.values)]
    end
    cell[i], parts[i] = { axis.name, value }, value_text(value)
  end
  return cell, concat(parts, "\t")
end

-- Draws `count` different combinations.
local function some_of(axes, count, seed)
  local all, seen = {}, {}
  if math.type(count) ~= "integer" or count < 1 then
    fail("random = %s. Give the number of settings to draw, at least 1", value_text(count))
  elseif math.type(seed) ~= "integer" then
    fail("seed = %s. Give a whole number", value_text(seed))
  elseif #axes == 0 then
    fail("random needs settings to draw from: grid = { lr = \"log:1e-4..1e-1\", batch = { 32, 64 } }, on the command line "
      .. "--lr log:1e-4..1e-1 --batch 32|64")
  end
  for index = 1, count do
    local cell, text
    for attempt = 0, ATTEMPTS do
      cell, text = draw(axes, seed, index, attempt)
      if not seen[text] then
        break
      elseif attempt == ATTEMPTS then
        fail("random = %d: the values have no more than about %d combinations. Draw fewer, or give ranges", count, #all)
      end
    end
    seen[text], all[index] = true, cell
  end
  return all
end

-- The combinations of a sweep's grid, each a list of { name, value }.
local function combinations(spec)
  local axes = axes_of(spec.grid)
  if spec.random == nil then
    return all_of(axes)
  end
  return some_of(axes, spec.random, spec.seed or 1)
end

-- The list of seeds, given as a list, as their number (1 to n), or as a text such as "1..5".
local function seeds_of(seeds)
  local first, last = 1, math.tointeger(seeds)
  if type(seeds) == "string" then
    first, last = seeds:match("^(%d+)%.%.(%d+)$")
    first, last = math.tointeger(first), math.tointeger(last)
    if not first or last < first or last - first >= 100000 then
      fail("seeds = \"%s\" is not a range. Give one such as \"1..5\"", seeds)
    end
  elseif not last then
    return seeds
  end
  local all = {}
  for seed = first, last do
    all[#all + 1] = seed
  end
  return all
end

shared.sweep_space = { combinations = combinations, seeds_of = seeds_of }
