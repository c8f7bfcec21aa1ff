// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/ingest_files.h"

#include "app/daemon/command.h"
#include "app/daemon/ingest_store.h"

#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace cm::daemon {
namespace {

namespace intake = metrics::intake;

constexpr auto showEvery = std::chrono::milliseconds(200);
// Of a file that somebody else counts at the same time.
constexpr int tries = 5;

// How far a file is, on one line of a terminal.
class FileLine {
public:
    explicit FileLine(const std::string &file) : m_file(file), m_terminal(::isatty(STDERR_FILENO) != 0) {}
    ~FileLine()
    {
        if (m_shown)
            std::fputs("\r\033[K", stderr);
    }
    FileLine(const FileLine &) = delete;
    FileLine &operator=(const FileLine &) = delete;

    void show(const intake::BackfillProgress &progress)
    {
        const auto now = std::chrono::steady_clock::now();
        if (!m_terminal || now - m_last < showEvery)
            return;
        const double seconds = std::chrono::duration<double>(now - m_begun).count();
        std::fprintf(stderr, "\r%s: %.0f %%, %llu lines, %.0f lines/s\033[K", m_file.c_str(), 100 * progress.share,
                     static_cast<unsigned long long>(progress.lines), static_cast<double>(progress.lines) / seconds);
        m_last = now;
        m_shown = true;
    }

private:
    const std::string &m_file;
    const bool m_terminal;
    bool m_shown = false;
    std::chrono::steady_clock::time_point m_begun = std::chrono::steady_clock::now(), m_last = m_begun;
};

// `reached` is how far it came, also where it fails.
Result<intake::BackfillProgress> countFile(const std::string &file, IngestStore &store, const Clock &clock, intake::BackfillProgress &reached)
{
    FileLine line(file);
    intake::BackfillOptions options = store.filling();
    options.progress = [&](const intake::BackfillProgress &progress) {
        reached = progress;
        line.show(progress);
    };
    for (int left = tries;; --left) {
        auto counted = intake::backfill(file, store.ledger(), clock, options);
        // From where the other one has got to; the standard input cannot be read again.
        if (counted || counted.error().code != ErrorCode::Conflict || left == 1 || file == "-")
            return counted;
    }
}

}  // namespace

int countFiles(const IngestSettings &settings, const std::vector<std::string> &files)
{
    const auto folder = registryFolder(settings);
    if (!folder)
        return complain(folder.error());
    const SystemClock clock;
    const auto store = IngestStore::make(settings, *folder, clock);
    if (!store)
        return complain(store.error());
    if (const auto opened = (*store)->open(); !opened)
        return complain(opened.error());
    int code = exitDone;
    for (const std::string &file : files) {
        intake::BackfillProgress reached;
        const auto counted = countFile(file, **store, clock, reached);
        if (!counted) {
            Error error = counted.error();
            if (reached.bytes > 0)
                error.detail += fmt::format("; {} lines of it are counted now, {} bytes in all: give the whole file when you have it, and only the rest is counted",
                                            reached.lines, reached.bytes);
            code = complain(error);
            continue;
        }
        std::printf("%s: %llu lines counted", file.c_str(), static_cast<unsigned long long>(counted->lines));
        if (counted->known > 0)
            std::printf(", %lld bytes were counted before", static_cast<long long>(counted->known));
        if (counted->unfinished > 0)
            std::printf(", %lld bytes of a line without an end left for later", static_cast<long long>(counted->unfinished));
        std::puts("");
        std::fflush(stdout);
    }
    // Nobody listens perhaps who would do it each minute.
    Log log(settings.ingest.logLevel, settings.ingest.logFile);
    (*store)->minute(log);
    return code;
}

}  // namespace cm::daemon
