// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd ingest
#include "app/daemon/command.h"
#include "app/daemon/ingest_daemon.h"
#include "app/daemon/ingest_files.h"
#include "app/daemon/ingest_options.h"
#include "app/daemon/ingest_parse.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cm::daemon {
namespace {

int parse(const IngestFlags &flags)
{
    if (!flags.mode)
        std::fputs("cheesemongerd: lines are read as PyPI's own parser reads them; counting reads them strictly unless it is configured otherwise (--mode strict)\n",
                   stderr);
    return parseFiles(flags.files, flags.mode.value_or(metrics::Mode::Compatible));
}

int run(const IngestFlags &flags)
{
    if (const auto contradiction = contradictionOf(flags))
        return complain({ErrorCode::InvalidInput, *contradiction, {}, {}}, exitUsage);
    if (flags.parse)
        return parse(flags);
    const auto settings = ingestSettingsOf(flags);
    if (!settings)
        return complain(settings.error(), exitUsage);
    if (flags.checkConfig) {
        std::puts("The configuration is sound.");
        return exitDone;
    }
    if (!flags.files.empty())
        return countFiles(*settings, flags.files);
    const auto ingested = ingestUntilStop(*settings);
    return ingested ? exitDone : complain(ingested.error(), ingested.error().code == ErrorCode::InvalidInput ? exitUsage : exitFailed);
}

}  // namespace

void addIngest(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<IngestFlags>();
    CLI::App *ingest = app.add_subcommand("ingest", "Count downloads from the log of a CDN: listen for it until SIGTERM, or read files");
    addIngestFlags(*ingest, *flags);
    ingest->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
