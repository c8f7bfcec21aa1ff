// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/fsck_report.h"

#include <cstdio>

namespace cm::daemon {

namespace {

void print(const char *what, const std::vector<std::string> &paths)
{
    for (const std::string &path : paths)
        std::printf("%s\t%s\n", what, path.c_str());
}

}  // namespace

void printReport(const registry::FsckReport &report)
{
    print("missing", report.missing);
    print("wrong-size", report.wrongSize);
    print("wrong-digest", report.wrongDigest);
    print("orphan", report.orphans);
    std::printf("%lld files, %s; %zu orphans, %lld removed\n", static_cast<long long>(report.files),
                report.sound() ? "all sound" : "DAMAGED", report.orphans.size(),
                static_cast<long long>(report.removed));
}

}  // namespace cm::daemon
