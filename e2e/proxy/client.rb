# Calls the API where clients have it in their code, by net/http and once by open-uri. What comes back is printed.
require "json"
require "net/http"
require "open-uri"

API = URI("https://api.intercom.io")

def call(method, path, body = nil)
  request = Net::HTTP.const_get(method.capitalize).new(path, "Authorization" => "Bearer #{ENV.fetch("TOKEN")}",
    "Accept" => "application/json", "Intercom-Version" => "2.9")
  if body
    request["Content-Type"] = "application/json"
    request.body = JSON.generate(body)
  end
  answer = Net::HTTP.start(API.host, API.port, use_ssl: true, read_timeout: 20) { |http| http.request(request) }
  [answer.code, JSON.parse(answer.body.force_encoding("UTF-8"))]
end

def say(what, status, value) = puts("#{what}: #{status} #{value}")

$stdout.set_encoding("UTF-8")
status, me = call("GET", "/me")
say("me", status, me["type"])
email = ENV.fetch("EMAIL")
status, contact = call("POST", "/contacts", {role: "user", email: email, name: "Røsa 日本"})
say("contact", status, contact["name"])
status, again = call("POST", "/contacts", {role: "user", email: email})
say("again", status, again["errors"][0]["code"])
status, note = call("POST", "/contacts/#{contact["id"]}/notes", {body: "word " * 10_000})
say("long note", status, note["body"].length > 49_000)
status, found = call("POST", "/contacts/search", {query: {field: "email", operator: "=", value: email}})
say("search", status, found["total_count"])
status, gone = call("DELETE", "/contacts/#{contact["id"]}")
say("delete", status, gone["deleted"])
status, none = call("GET", "/contacts/#{contact["id"]}")
say("gone", status, none["errors"][0]["code"])

answer = API.merge("/me").open("Authorization" => "Bearer #{ENV.fetch("TOKEN")}", read_timeout: 20)
say("second way", answer.status[0], JSON.parse(answer.read)["type"])
