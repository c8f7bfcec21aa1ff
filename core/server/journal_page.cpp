// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/journal_page.h"

#include "core/base/log.h"

#include <charconv>
#include <fmt/format.h>
#include <iterator>

namespace cm::server {
namespace {

constexpr std::int64_t mostRows = 50'000;

Result<void> readNumber(const http::RequestHead &head, std::string_view name, std::int64_t least, std::int64_t most,
                        std::int64_t &out)
{
    const auto text = head.queryParameter(name);
    if (!text)
        return {};
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
    if (error != std::errc() || end != text->data() + text->size() || out < least || out > most)
        return fail(ErrorCode::InvalidInput, fmt::format("{} has to be a whole number from {} to {}", name, least, most));
    return {};
}

void appendText(std::string &out, std::string_view text)
{
    out.push_back('"');
    appendJsonEscaped(out, text);
    out.push_back('"');
}

}  // namespace

Result<JournalQuestion> journalQuestion(const http::RequestHead &head)
{
    JournalQuestion question;
    CM_TRY(readNumber(head, "since", 0, std::numeric_limits<std::int64_t>::max(), question.since));
    CM_TRY(readNumber(head, "limit", 1, mostRows, question.limit));
    return question;
}

std::string renderJournal(const registry::JournalPiece &piece, catalog::Serial since)
{
    std::string out = fmt::format(R"({{"meta":{{"api-version":"1.0","_last-serial":{}}},"registry":"{}","since":{},"through":{},"changes":[)",
                                  piece.serial, piece.identity, since, piece.through);
    bool first = true;
    for (const catalog::JournalRow &row : piece.rows) {
        fmt::format_to(std::back_inserter(out), R"({}{{"serial":{},"name":)", first ? "" : ",", row.serial);
        first = false;
        appendText(out, row.project);
        out.append(",\"version\":");
        if (row.version)
            appendText(out, *row.version);
        else
            out.append("null");
        out.append(",\"action\":");
        appendText(out, row.action);
        out.append(",\"time\":\"").append(formatRfc3339(row.time)).append("\"}");
    }
    out.append("]}");
    return out;
}

}  // namespace cm::server
