// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/backfill.h"

#include "core/base/hash.h"
#include "core/metrics/intake/frame.h"
#include "core/metrics/intake/unpacked_file.h"
#include "core/metrics/line.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <thread>

namespace cm::metrics::intake {
namespace {

constexpr std::size_t identityBytes = 64 << 10;
constexpr std::size_t apart = 64;
constexpr std::uint64_t progressEvery = 64;  // reads

// The names that the beginnings of a file have in a store, longest first. `head` is its first 64 KiB, or all of it.
std::vector<std::string> namesOf(std::string_view head, bool isAll)
{
    std::vector<std::string> names;
    std::string digest;
    std::size_t from = 0;
    const auto name = [&](std::size_t until) {
        digest = hashHex(HashKind::Sha256, digest + std::string(head.substr(from, until - from)));
        names.push_back("file-" + digest);
        from = until;
    };
    std::size_t lastEnd = 0;
    for (std::size_t end = head.find('\n'); end != std::string_view::npos; end = head.find('\n', end + 1)) {
        lastEnd = end + 1;
        if (lastEnd - from >= apart)
            name(lastEnd);
    }
    // One long line, or less than anything that a CDN writes.
    if (names.empty() && !head.empty())
        name(isAll && lastEnd > 0 ? lastEnd : head.size());
    std::reverse(names.begin(), names.end());
    return names;
}

class Backfill {
public:
    Backfill(LineLedger &ledger, const BackfillOptions &options) : m_ledger(ledger), m_options(options) {}

    Result<BackfillProgress> run(const std::string &name, const Clock &clock)
    {
        m_ledger.drop();
        CM_TRY_ASSIGN(m_file, UnpackedFile::open(name, clock));
        bool more = true;
        std::optional<Error> damage;
        const auto read = [&] {
            auto got = m_file->read(m_bytes);
            if (!got)
                damage = got.error();
            more = got.value_or(false);
        };
        while (more && m_bytes.size() < identityBytes)
            read();
        if (m_bytes.empty())
            return damage ? Result<BackfillProgress>(fail(*damage)) : m_progress;
        CM_TRY(findPlace(!more));
        for (std::uint64_t reads = 0;; ++reads) {
            CM_TRY(takeLines());
            if (reads % progressEvery == 0)
                tell();
            if (!more)
                break;
            read();
        }
        if (!damage)
            CM_TRY(takeRest());
        CM_TRY(flush());
        // Of a longer copy there was more.
        m_progress.known = std::min(m_progress.known, m_at + static_cast<std::int64_t>(m_bytes.size()));
        tell();
        if (damage)
            return fail(*damage);
        return m_progress;
    }

private:
    Result<void> findPlace(bool isAll)
    {
        const auto names = namesOf(std::string_view(m_bytes).substr(0, identityBytes), isAll);
        m_source = names.front();
        for (const std::string &name : names) {
            CM_TRY_ASSIGN(const Resume place, patiently([&] { return m_ledger.resume(name); }));
            if (place.offset == 0 && !place.until)
                continue;
            m_mustEnd = place.until;
            // A batch from the beginning may be one of lines, or have taken over what a shorter name has.
            if (place.offset == 0 && name == names.front())
                continue;
            m_source = name;
            m_progress.known = m_progress.bytes = place.offset;
            break;
        }
        if (m_source == names.front())
            return {};
        m_longer = names.front();
        return m_mustEnd ? Result<void>() : takeOver();
    }

    // From here on the file has more than the shorter name tells: another file may begin with the same.
    Result<void> takeOver()
    {
        if (m_longer.empty())
            return {};
        m_ledger.close(m_longer, 0, m_progress.bytes);
        CM_TRY(storeClosed(m_longer, 0, m_progress.bytes));
        m_source = std::exchange(m_longer, {});
        return {};
    }

    // Lines with their ends off the front of the bytes.
    Result<void> takeLines()
    {
        std::string_view bytes = m_bytes;
        while (!bytes.empty()) {
            if (m_at < m_progress.known) {
                const auto there = std::min(static_cast<std::size_t>(m_progress.known - m_at), bytes.size());
                bytes.remove_prefix(there);
                m_at += static_cast<std::int64_t>(there);
                continue;
            }
            const std::size_t end = bytes.find('\n');
            if (end == std::string_view::npos)
                break;
            take(bytes.substr(0, end), end + 1);
            bytes.remove_prefix(end + 1);
            if (m_mustEnd ? m_at >= *m_mustEnd : m_lines >= m_options.batchLines || m_ledger.size() >= m_options.batchRows)
                CM_TRY(flush());
        }
        // Of a line without an end no more is kept than shows that it is too long.
        if (bytes.size() > longestLine) {
            m_skipped += static_cast<std::int64_t>(bytes.size());
            bytes = {};
        }
        m_bytes.erase(0, m_bytes.size() - bytes.size());
        return {};
    }

    void take(std::string_view line, std::size_t bytes)
    {
        std::string_view text = withoutLineEnd(line);
        if (m_at == 0)
            text = withoutMark(text);
        const bool isTooLong = m_skipped > 0 || line.size() > longestLine;
        if (isTooLong)
            m_ledger.refuse(tooLong, m_file->changed());
        else if (!text.empty())
            m_ledger.add(text, m_file->changed());
        // An empty line is none, as on a connection.
        m_lines += isTooLong || !text.empty() ? 1 : 0;
        m_at += m_skipped + static_cast<std::int64_t>(bytes);
        m_skipped = 0;
    }

    Result<void> takeRest()
    {
        if (m_bytes.empty() && m_skipped == 0)
            return {};
        if (m_file->isClosed())
            take(m_bytes, m_bytes.size());
        else
            m_progress.unfinished = m_skipped + static_cast<std::int64_t>(m_bytes.size());
        return {};
    }

    Result<void> flush()
    {
        if (m_at <= m_progress.bytes)
            return {};
        m_ledger.close(m_source, m_progress.bytes, m_at);
        CM_TRY(storeClosed(m_source, m_progress.bytes, m_at));
        m_mustEnd.reset();
        m_progress.bytes = m_at;
        m_progress.lines += m_lines;
        m_lines = 0;
        tell();
        return takeOver();
    }

    Result<void> storeClosed(const std::string &source, std::int64_t from, std::int64_t until)
    {
        CM_TRY(patiently([&]() -> Result<bool> {
            const auto added = m_ledger.store();
            if (added)
                return true;
            if (added.error().code != ErrorCode::Timeout)
                return fail(added.error());
            // It may have taken place.
            CM_TRY_ASSIGN(const Resume place, m_ledger.resume(source));
            if (place.offset == until)
                return true;
            return fail(place.offset == from ? ErrorCode::Unavailable : ErrorCode::Conflict, added.error().detail);
        }));
        return {};
    }

    template <class Call>
    auto patiently(Call call) -> decltype(call())
    {
        auto pause = std::chrono::milliseconds(50);
        for (int left = m_options.tries;; --left) {
            auto answer = call();
            if (answer || left <= 1 || (answer.error().code != ErrorCode::Unavailable && answer.error().code != ErrorCode::Timeout))
                return answer;
            std::this_thread::sleep_for(pause);  // between two tries of a store that is away; nothing else waits here
            pause = std::min(2 * pause, std::chrono::milliseconds(5000));
        }
    }

    void tell()
    {
        m_progress.share = m_file->share();
        if (m_options.progress)
            m_options.progress(m_progress);
    }

    LineLedger &m_ledger;
    const BackfillOptions &m_options;
    std::unique_ptr<UnpackedFile> m_file;
    std::string m_source;
    std::string m_longer;  // the file's longest name, which is to have what m_source has by the end of its batch
    std::optional<std::int64_t> m_mustEnd;  // where the first batch has to end, for the store has begun it
    BackfillProgress m_progress;
    std::string m_bytes;         // read and not taken
    std::int64_t m_at = 0;       // of the unpacked file, where they begin
    std::int64_t m_skipped = 0;  // of a line that is too long, before them
    std::uint64_t m_lines = 0;   // in the batch
};

}  // namespace

Result<BackfillProgress> backfill(const std::string &file, LineLedger &ledger, const Clock &clock, const BackfillOptions &options)
{
    return Backfill(ledger, options).run(file, clock);
}

}  // namespace cm::metrics::intake
