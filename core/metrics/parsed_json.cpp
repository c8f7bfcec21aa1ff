// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/parsed_json.h"

#include <boost/json.hpp>
#include <fmt/chrono.h>

namespace cm::metrics {
namespace {

namespace json = boost::json;

void put(json::object &object, std::string_view key, const Text &text)
{
    if (text)
        object[key] = *text;
}

json::object toJson(const Details &details)
{
    json::object object;
    if (const auto &installer = details.installer) {
        json::object &part = object["installer"].emplace_object();
        put(part, "name", installer->name);
        put(part, "version", installer->version);
        put(part, "subcommand", installer->subcommand);
    }
    put(object, "python", details.python);
    if (const auto &implementation = details.implementation) {
        json::object &part = object["implementation"].emplace_object();
        put(part, "name", implementation->name);
        put(part, "version", implementation->version);
    }
    if (const auto &distro = details.distro) {
        json::object &part = object["distro"].emplace_object();
        put(part, "name", distro->name);
        put(part, "version", distro->version);
        put(part, "id", distro->id);
        if (distro->libc) {
            json::object &libc = part["libc"].emplace_object();
            put(libc, "lib", distro->libc->lib);
            put(libc, "version", distro->libc->version);
        }
    }
    if (const auto &system = details.system) {
        json::object &part = object["system"].emplace_object();
        put(part, "name", system->name);
        put(part, "release", system->release);
    }
    put(object, "cpu", details.cpu);
    put(object, "openssl_version", details.opensslVersion);
    put(object, "setuptools_version", details.setuptoolsVersion);
    put(object, "rustc_version", details.rustcVersion);
    if (details.ci)
        object["ci"] = *details.ci;
    return object;
}

std::string timestampOf(std::int64_t seconds)
{
    return fmt::format("{:%Y-%m-%d %H:%M:%S} +00:00", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

json::object toJson(const Record &record)
{
    json::object object;
    object["timestamp"] = timestampOf(record.seconds);
    object["url"] = record.url;
    object["project"] = record.project;
    if (record.file) {
        object["file"] = {{"filename", record.file->filename},
                          {"project", record.file->project},
                          {"version", record.file->version},
                          {"type", record.file->type}};
    }
    put(object, "tls_protocol", record.tlsProtocol);
    put(object, "tls_cipher", record.tlsCipher);
    put(object, "country_code", record.countryCode);
    if (record.details)
        object["details"] = toJson(*record.details);
    return object;
}

std::string_view outcomeName(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Download:
        return "download";
    case Outcome::Simple:
        return "simple";
    case Outcome::Ignored:
        return "ignored";
    case Outcome::Unprocessed:
        return "unprocessed";
    case Outcome::Refused:
        break;
    }
    return "refused";
}

}  // namespace

std::string toJsonText(const Parsed &parsed)
{
    json::object object;
    object["outcome"] = outcomeName(parsed.outcome);
    object["reason"] = parsed.reason.empty() ? json::value(nullptr) : json::value(parsed.reason);
    object["class"] = parsed.clientClass ? json::value(api::nameOf(*parsed.clientClass)) : json::value(nullptr);
    object["record"] = parsed.record ? json::value(toJson(*parsed.record)) : json::value(nullptr);
    return json::serialize(object);
}

}  // namespace cm::metrics
