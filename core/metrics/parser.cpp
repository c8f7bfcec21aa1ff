// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/parser.h"

#include "core/metrics/user_agent.h"

namespace cm::metrics {
namespace {

Text textOf(std::string_view text)
{
    return text.empty() ? Text() : Text(text);
}

Record recordOf(const Line &line)
{
    Record record;
    record.request = line.outcome == Outcome::Simple ? Request::Simple : Request::Download;
    record.seconds = line.seconds;
    record.url = line.url;
    record.project = line.project;
    if (record.request == Request::Download)
        record.file = File{std::string(line.filename), std::string(line.project), std::string(line.version), std::string(line.fileType)};
    record.tlsProtocol = textOf(line.tlsProtocol);
    record.tlsCipher = textOf(line.tlsCipher);
    record.countryCode = textOf(line.country);
    return record;
}

}  // namespace

Parsed Parser::parse(std::string_view text, Time arrival)
{
    const Line line = m_reader.read(text, arrival);
    if (line.outcome != Outcome::Download && line.outcome != Outcome::Simple)
        return {line.outcome, std::string(line.reason), {}, {}};
    Client client = readUserAgent(line.userAgent, m_mode);
    if (client.match == Client::Match::Ignored)
        return {Outcome::Ignored, std::string(ignoredClient), {}, {}};
    if (client.match == Client::Match::Broken)
        return {Outcome::Unprocessed, std::string(client.reason), {}, {}};
    Parsed parsed{line.outcome, {}, client.clientClass, recordOf(line)};
    if (client.match == Client::Match::Known)
        parsed.record->details = std::move(client.details);
    return parsed;
}

}  // namespace cm::metrics
