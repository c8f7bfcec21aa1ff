// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/ssh_probe.h"

#include "core/host/command.h"

#include <algorithm>
#include <charconv>

namespace cm::monitor {
namespace {

constexpr std::string_view begin = "HTTP/1.1 ";
// What the client of 2012 asks to see whether it is let in; it leaves its end open, and so does the pipe until ssh has ended.
constexpr const char *script = "printf 'GET /pypi HTTP/1.1\\r\\n\\r\\n' | exec ssh \"$@\"";

bool has(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

// The last line that says something.
std::string lastLine(std::string_view text)
{
    std::string line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        if (end > 0)
            line = text.substr(0, std::min<std::size_t>(end, 300));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return line.empty() ? "it ends without an answer" : line;
}

}  // namespace

Result<SshFacts> readSshSession(const host::CommandResult &session)
{
    const std::string_view output = session.output;
    SshFacts facts;
    if (output.starts_with(begin)) {
        const std::string_view line = output.substr(begin.size(), output.find_first_of("\r\n") - begin.size());
        std::from_chars(line.data(), line.data() + line.size(), facts.status);
        facts.words = line.substr(0, 300);
        return facts;
    }
    const std::string words = lastLine(session.errors);
    if (has(words, "Connection refused"))
        return fail(ErrorCode::Unavailable, "connection refused");
    if (has(words, "timed out") || has(words, "No route to host") || has(words, "unreachable"))
        return fail(ErrorCode::Timeout, words);
    facts.strange = has(session.errors, "Host key verification failed") || has(session.errors, "HOST IDENTIFICATION HAS CHANGED");
    facts.words = words;
    return facts;
}

Result<SshFacts> SshProbe::look(const ProbeTime &time)
{
    const auto left = time.left();
    const auto connect = std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(left).count() / 2);
    std::vector<std::string> words{"sh", "-c", script, "ssh", "-F", "/dev/null", "-T", "-l", m_target.user, "-p", std::to_string(m_target.port),
                                   "-i", m_target.keyFile};
    for (const std::string &option :
         {std::string("BatchMode=yes"), std::string("IdentitiesOnly=yes"), std::string("IdentityAgent=none"), std::string("HostKeyAlias=registry"),
          "UserKnownHostsFile=" + m_target.knownHostsFile, std::string("GlobalKnownHostsFile=/dev/null"), std::string("StrictHostKeyChecking=yes"),
          std::string("LogLevel=ERROR"), std::string("ControlMaster=no"), "ConnectTimeout=" + std::to_string(connect)}) {
        words.push_back("-o");
        words.push_back(option);
    }
    words.push_back(m_target.host);
    const auto begun = std::chrono::steady_clock::now();
    CM_TRY_ASSIGN(const host::CommandResult session, host::runCommand(words, left));
    if (session.status == 127)
        return fail(ErrorCode::Unauthorized, "there is no ssh on the monitor's host");
    CM_TRY_ASSIGN(SshFacts facts, readSshSession(session));
    facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return facts;
}

}  // namespace cm::monitor
