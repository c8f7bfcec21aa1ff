// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd ingest
#include "app/daemon/command.h"
#include "app/daemon/ingest_parse.h"

#include <CLI/CLI.hpp>

namespace cm::daemon {
namespace {

struct IngestFlags {
    bool parse = false;
    metrics::Mode mode = metrics::Mode::Compatible;
    std::vector<std::string> files;
};

int run(const IngestFlags &flags)
{
    return parseFiles(flags.files, flags.mode);
}

}  // namespace

void addIngest(CLI::App &app, Command &chosen)
{
    auto flags = std::make_shared<IngestFlags>();
    CLI::App *ingest = app.add_subcommand("ingest", "Read the log of a CDN: what each line says");
    CLI::Option *parse = ingest->add_flag("--parse", flags->parse, "Print one JSON object for each line: outcome, reason, class, record");
    CLI::Option *files = ingest->add_option("files", flags->files, "Files of lines, also gzip; - is the standard input");
    ingest->add_option("--mode", flags->mode, "How lines are read: compatible (as PyPI's own parser), strict (its quirks mended)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, metrics::Mode>{{"compatible", metrics::Mode::Compatible},
                                                                                 {"strict", metrics::Mode::Strict}}));
    parse->required();
    files->required();
    ingest->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace cm::daemon
