// SPDX-License-Identifier: GPL-3.0-or-later
// How fast lines of a CDN's log become counts, and what memory that takes, as one JSON object.
//   bench_log_lines speed SECONDS        one thread over mixed lines for so much processor time, taking the counts each 500,000 lines
//   bench_log_lines memory PROJECTS      lines of that many projects, nothing taken in between, then all taken
//   bench_log_lines write FILE LINES     the same mixed lines as a file, for another parser
#include "core/metrics/aggregator.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using cm::Time;
using cm::metrics::Aggregator;
using cm::metrics::Mode;

constexpr std::size_t poolSize = 200'000;
constexpr std::size_t knownProjects = 100'000;
constexpr std::size_t knownUserAgents = 20'000;
constexpr std::size_t takeEvery = 500'000;
constexpr std::int64_t began = 1'785'000'000;  // July 2026

// What installers send today: a few hundred bytes of JSON in most cases, in many versions; mirrors, libraries, browsers
// and what is ignored in between.
class UserAgents {
public:
    explicit UserAgents(std::mt19937_64 &random) : m_random(random) {}

    std::string next()
    {
        const std::size_t kind = m_random() % 100;
        if (kind < 55)
            return pip();
        if (kind < 80)
            return uv();
        if (kind < 84)
            return fmt::format("poetry/1.{}.{} CPython/3.{}.{} Linux/5.15.0-{}-generic", m_random() % 9, m_random() % 5, 8 + m_random() % 6, m_random() % 20, m_random() % 60);
        if (kind < 88)
            return fmt::format("bandersnatch/6.{}.0 (CPython 3.{}.{}-final0, Linux 5.15 x86_64) (aiohttp 3.8)", m_random() % 6, 8 + m_random() % 5, m_random() % 9);
        if (kind < 91)
            return fmt::format("Nexus/3.{}.0-0{} (OSS; Linux; 5.4.17; amd64; 1.8.0_{})", 30 + m_random() % 40, m_random() % 9, 200 + m_random() % 99);
        if (kind < 94)
            return fmt::format("python-requests/2.{}.{}", 20 + m_random() % 13, m_random() % 4);
        if (kind < 96)
            return fmt::format("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", 90 + m_random() % 50);
        if (kind < 98)
            return fmt::format("Go-http-client/{}.1", 1 + m_random() % 2);
        return fmt::format("something/{}.{} of nobody", m_random() % 9, m_random() % 9);
    }

private:
    std::string pip()
    {
        return fmt::format(
            R"(pip/2{0}.{1} {{"ci":{2},"cpu":"x86_64","distro":{{"id":"jammy","libc":{{"lib":"glibc","version":"2.35"}},"name":"Ubuntu","version":"22.04"}},"implementation":{{"name":"CPython","version":"3.{3}.{4}"}},"installer":{{"name":"pip","version":"2{0}.{1}"}},"openssl_version":"OpenSSL 3.0.{5} 15 Mar 2022","python":"3.{3}.{4}","rustc_version":"1.7{6}.0","setuptools_version":"6{5}.5.0","system":{{"name":"Linux","release":"5.15.0-10{6}-generic"}}}})",
            m_random() % 6, m_random() % 4, m_random() % 3 == 0 ? "true" : "null", 8 + m_random() % 6, m_random() % 20, m_random() % 10, m_random() % 9);
    }
    std::string uv()
    {
        return fmt::format(
            R"(uv/0.{0}.{1} {{"installer":{{"name":"uv","version":"0.{0}.{1}","subcommand":["pip","install"]}},"python":"3.{2}.{3}","implementation":{{"name":"CPython","version":"3.{2}.{3}"}},"distro":{{"name":"Debian GNU/Linux","version":"12","id":"bookworm","libc":null}},"system":{{"name":"Linux","release":"6.1.0-{4}-amd64"}},"cpu":"x86_64","openssl_version":null,"setuptools_version":null,"rustc_version":null,"ci":{5}}})",
            4 + m_random() % 5, m_random() % 30, 9 + m_random() % 5, m_random() % 12, 10 + m_random() % 20, m_random() % 2 ? "true" : "null");
    }

    std::mt19937_64 &m_random;
};

std::string projectName(std::size_t number)
{
    return fmt::format("{}-{}", number % 3 == 0 ? "some-longer-package" : number % 3 == 1 ? "django-app" : "lib", number);
}

void appendLine(std::string &out, const std::string &project, std::mt19937_64 &random, const std::string &userAgent, std::int64_t seconds)
{
    const std::string when = cm::formatHttpDate(Time(std::chrono::seconds(seconds)));
    constexpr std::string_view countries[] = {"US", "DE", "JP", "IE", "SG", "CN", "GB", "FR"};
    const std::string_view country = countries[random() % 8];
    if (random() % 10 == 0) {
        fmt::format_to(std::back_inserter(out), "simple|{}|{}|/simple/{}/|TLSv1.3|TLS_AES_128_GCM_SHA256||||{}", when, country, project, userAgent);
        return;
    }
    const std::string version = fmt::format("{}.{}.{}", random() % 4, random() % 12, random() % 5);
    const bool wheel = random() % 4 != 0;
    fmt::format_to(std::back_inserter(out), "download|{}|{}|/packages/{:02x}/{:02x}/{:030x}{:030x}/{}-{}{}|TLSv1.3|TLS_AES_128_GCM_SHA256|{}|{}|{}|{}", when,
                   country, random() % 256, random() % 256, random(), random(), project, version,
                   wheel ? "-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl" : ".tar.gz", project, version,
                   wheel ? "bdist_wheel" : "sdist", userAgent);
}

struct Pool {
    std::string bytes;
    std::vector<std::string_view> lines;
    std::size_t userAgents = 0;
    std::size_t projects = 0;
};

// Few projects have most of the downloads, and few user agents: the square of an even draw, squared again.
std::size_t skewed(std::mt19937_64 &random, std::size_t count)
{
    const double draw = std::uniform_real_distribution<double>(0, 1)(random);
    return static_cast<std::size_t>(draw * draw * draw * draw * static_cast<double>(count));
}

Pool makePool(std::size_t lines)
{
    std::mt19937_64 random(7);
    UserAgents agents(random);
    std::vector<std::string> known;
    while (known.size() < knownUserAgents)
        known.push_back(agents.next());
    Pool pool;
    std::set<std::string_view> userAgents;
    std::set<std::size_t> projects;
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < lines; ++i) {
        const std::size_t project = skewed(random, knownProjects);
        const std::string &userAgent = known[skewed(random, known.size())];
        appendLine(pool.bytes, projectName(project), random, userAgent, began + static_cast<std::int64_t>(i / 2000));
        ends.push_back(pool.bytes.size());
        userAgents.insert(userAgent);
        projects.insert(project);
    }
    std::size_t from = 0;
    for (const std::size_t end : ends) {
        pool.lines.push_back(std::string_view(pool.bytes).substr(from, end - from));
        from = end;
    }
    pool.userAgents = userAgents.size();
    pool.projects = projects.size();
    return pool;
}

// Of this process's own work: what others do on the machine meanwhile is not ours.
double processorSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

int speed(double wanted)
{
    const Pool pool = makePool(poolSize);
    Aggregator aggregator(Mode::Strict);
    const Time arrival{std::chrono::seconds(began + 3600)};
    std::size_t lines = 0, cells = 0, counted = 0;
    const double start = processorSeconds();
    while (processorSeconds() - start < wanted) {
        for (const std::string_view line : pool.lines) {
            aggregator.add(line, arrival);
            if (++lines % takeEvery == 0) {
                const cm::metrics::Batch batch = aggregator.take();
                cells += batch.cells.size();
                for (const cm::metrics::Tally &tally : batch.tallies)
                    counted += static_cast<std::size_t>(tally.received);
            }
        }
    }
    for (const cm::metrics::Tally &tally : aggregator.take().tallies)
        counted += static_cast<std::size_t>(tally.received);
    const double took = processorSeconds() - start;
    fmt::print("{{\"per_s\": {:.0f}, \"mean_bytes\": {:.0f}, \"user_agents\": {}, \"projects\": {}, \"cells_per_take\": {}}}\n",
               static_cast<double>(lines) / took, static_cast<double>(pool.bytes.size()) / static_cast<double>(pool.lines.size()),
               pool.userAgents, pool.projects, lines < takeEvery ? 0 : cells / (lines / takeEvery));
    return counted == lines ? 0 : 1;
}

// The most memory that this process has had, in MB.
double peak()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:"))
            return std::stod(line.substr(6)) / 1024;
    }
    return 0;
}

int memory(std::size_t projects)
{
    std::mt19937_64 random(7);
    UserAgents agents(random);
    Aggregator aggregator(Mode::Strict);
    const Time arrival{std::chrono::seconds(began + 3600)};
    std::string line;
    for (std::size_t i = 0; i < projects; ++i) {
        line.clear();
        appendLine(line, projectName(i), random, agents.next(), began);
        aggregator.add(line, arrival);
    }
    const double held = peak();
    const std::size_t cells = aggregator.take().cells.size();
    fmt::print("{{\"held_mb\": {:.1f}, \"peak_mb\": {:.1f}, \"cells\": {}}}\n", held, peak(), cells);
    return 0;
}

int write(const std::string &path, std::size_t lines)
{
    const Pool pool = makePool(lines);
    std::ofstream file(path, std::ios::binary);
    for (const std::string_view line : pool.lines)
        file << line << '\n';
    return file.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> args(argv + 1, argv + argc);
    if (args.size() == 2 && args[0] == "speed")
        return speed(std::stod(args[1]));
    if (args.size() == 2 && args[0] == "memory")
        return memory(std::stoul(args[1]));
    if (args.size() == 3 && args[0] == "write")
        return write(args[1], std::stoul(args[2]));
    fmt::print(stderr, "usage: bench_log_lines speed SECONDS | memory PROJECTS | write FILE LINES\n");
    return 2;
}
