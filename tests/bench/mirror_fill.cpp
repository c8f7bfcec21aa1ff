// SPDX-License-Identifier: GPL-3.0-or-later
// What a mirror remembers of very many projects, without their pages and files: bench_mirror_fill FOLDER INDEX.json
// UPSTREAM IDENTITY. The links of the projects are there, because their number is what a run could feel.
#include "core/mirror/listings.h"
#include "core/mirror/state.h"
#include "core/mirror/tree.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <vector>

namespace {

using namespace cm;
using namespace cm::mirror;

Result<ProjectList> readList(const char *path)
{
    std::ifstream in(path, std::ios::binary);
    IndexReader reader;
    std::vector<char> piece(1U << 20);
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0)
        CM_TRY(reader.write(std::string_view(piece.data(), static_cast<std::size_t>(in.gcount()))));
    return reader.finish();
}

Result<void> fill(const std::string &folder, const char *index, const char *upstream, const char *identity)
{
    CM_TRY_ASSIGN(const auto list, readList(index));
    CM_TRY_ASSIGN(const auto database, sql::SqliteDatabase::open(folder + "/state.sqlite"));
    const Time now = SystemClock().now();
    State state(*database);
    CM_TRY(state.open(now));
    Tree tree(folder);
    CM_TRY(tree.open());
    Facts facts;
    facts.upstream = upstream;
    facts.identity = identity;
    facts.way = "journal";
    facts.serial = facts.upstreamSerial = list.serial;
    facts.reconciled = facts.lastChanged = facts.scrubbed = now;
    facts.projects = static_cast<std::int64_t>(list.size());
    constexpr std::size_t batch = 20'000;
    for (std::size_t from = 0; from < list.size(); from += batch) {
        std::vector<Settled> settled;
        for (std::size_t i = from; i < std::min(from + batch, list.size()); ++i) {
            const auto entry = list.at(i);
            KnownProject project{std::string(entry.display), entry.serial, true, fmt::format("00/{}.{}", entry.name, entry.serial), "", {}, {}};
            CM_TRY(tree.turnProject(entry.name, project.page));
            settled.push_back({std::string(entry.name), std::move(project), {}, {}});
        }
        CM_TRY(state.settle(settled, facts));
    }
    return {};
}

}  // namespace

int main(int argc, char **argv)
{
    if (argc != 5) {
        fmt::print(stderr, "usage: bench_mirror_fill FOLDER INDEX UPSTREAM IDENTITY\n");
        return 2;
    }
    const auto filled = fill(argv[1], argv[2], argv[3], argv[4]);
    if (!filled)
        fmt::print(stderr, "bench_mirror_fill: {}\n", filled.error().detail);
    return filled ? 0 : 1;
}
