// SPDX-License-Identifier: GPL-3.0-or-later
// The small pure functions on the hot paths, by google-benchmark: bench_micro [--benchmark_filter=…].
#include "core/api/codec.h"
#include "core/api/projects.h"
#include "core/pypi/names.h"
#include "core/pypi/simple_render.h"
#include "core/pypi/version.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace {

using namespace cm;

void normalise(benchmark::State &state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(pypi::normalizeName("Zope.Interface__Extra-Long"));
}
BENCHMARK(normalise);

void parseVersion(benchmark::State &state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(pypi::Version::parse("1!2.31.0rc1.post4.dev5+local.7"));
}
BENCHMARK(parseVersion);

pypi::SimpleProjectPage pageOf(int files)
{
    pypi::SimpleProjectPage page;
    page.name = "geoflux";
    page.serial = 31407922;
    for (int i = 0; i < files; ++i) {
        pypi::SimpleFile file;
        file.filename = fmt::format("geoflux-1.{}-py3-none-any.whl", i);
        file.url = "/packages/ab/cd/0123456789012345678901234567890123456789012345678901234567/" + file.filename;
        file.sha256 = std::string(64, 'a');
        file.requiresPython = ">=3.8";
        file.size = 100000;
        page.versions.push_back(fmt::format("1.{}", i));
        page.files.push_back(std::move(file));
    }
    return page;
}

void renderProjectJson(benchmark::State &state)
{
    const auto page = pageOf(static_cast<int>(state.range(0)));
    std::size_t bytes = 0;
    for (auto _ : state) {
        std::string out;
        pypi::appendProjectJson(out, page);
        bytes += out.size();
        benchmark::DoNotOptimize(out);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(renderProjectJson)->Arg(3)->Arg(1000);

void readProjectPage(benchmark::State &state)
{
    api::Page<api::ProjectSummary> page;
    for (int i = 0; i < 256; ++i)
        page.items.push_back({fmt::format("project-{}", i), fmt::format("project-{}", i), api::ProjectStatus::Active,
                              "A summary of the usual length, some eighty characters of it", "1.0", 3, 6, 12345, {}, {}, 7});
    const std::string text = api::toJsonText(page);
    for (auto _ : state)
        benchmark::DoNotOptimize(api::fromJsonText<api::Page<api::ProjectSummary>>(text));
    state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(readProjectPage);

}  // namespace

BENCHMARK_MAIN();
