-- Asks for the requests in a file, one after the other. Each is a line with the method,
-- the path, the accepted type and the body.

function init(args)
  requests = {}
  number = 0

  for line in io.lines(args[1]) do
    local method, path, accept, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = {}
    if accept ~= "" then headers["Accept"] = accept end
    if body ~= "" then headers["Content-Type"] = "application/json" end
    table.insert(requests, wrk.format(method, path, headers, body))
  end
end

function request()
  number = number % #requests + 1
  return requests[number]
end

function done(summary, latency)
  local errors = summary.errors
  local format = '{"requests": %d, "microseconds": %d, "errors": %d, '
    .. '"latency": {"median": %d, "90%%": %d, "99%%": %d, "maximum": %d}}\n'
  io.write(format:format(
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max
  ))
end
