// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin authority create | issue | list: the certificates by which agents and monitors know each
// other. A folder of its own, best kept away from the hosts that it speaks for.
#include "app/daemon/command.h"
#include "core/agent/authority.h"
#include "core/base/clock.h"
#include "core/http/client/certificate.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cm::daemon {
namespace {

constexpr std::int64_t mostDays = 3650;

struct AuthorityFlags {
    std::string folder;
    std::string kind;
    std::string name;
    std::vector<std::string> addresses;
    std::string out;
    std::int64_t days = 365;
};

Result<void> create(const AuthorityFlags &flags)
{
    return agent::createAuthority(flags.folder, SystemClock().now());
}

Result<void> issue(const AuthorityFlags &flags)
{
    agent::CertificateWish wish;
    wish.kind = flags.kind == "monitor"    ? agent::CertificateKind::Monitor
                : flags.kind == "observer" ? agent::CertificateKind::Observer
                                           : agent::CertificateKind::Agent;
    wish.name = flags.name;
    wish.addresses = flags.addresses;
    wish.days = std::chrono::days(flags.days);
    CM_TRY_ASSIGN(const agent::IssuedFiles files, agent::issueCertificate(flags.folder, wish, flags.out, SystemClock().now()));
    std::printf("%s\n%s\n%s\n", files.certificate.c_str(), files.key.c_str(), files.authority.c_str());
    return {};
}

Result<void> list(const AuthorityFlags &flags)
{
    CM_TRY_ASSIGN(const auto files, agent::issuedCertificates(flags.folder));
    for (const auto &file : files) {
        CM_TRY_ASSIGN(const http::Certificate certificate, http::readCertificate(file.string()));
        std::string names;
        for (const std::string &name : certificate.names)
            names.append(names.empty() ? "" : " ").append(name);
        std::printf("%s\t%s\t%s\t%s\n", certificate.serial.c_str(), certificate.subject.c_str(), names.c_str(),
                    formatRfc3339(certificate.notAfter).c_str());
    }
    return {};
}

CLI::App *addAction(CLI::App &parent, const char *name, const char *words, const std::shared_ptr<AuthorityFlags> &flags,
                    Command &chosen, Result<void> (*action)(const AuthorityFlags &))
{
    CLI::App *command = parent.add_subcommand(name, words);
    command->add_option("--folder", flags->folder, "Where the authority lives")->required()->type_name("DIR");
    command->callback([flags, action, &chosen] {
        chosen = [flags, action] {
            const auto done = action(*flags);
            return done ? exitDone : complain(done.error());
        };
    });
    return command;
}

}  // namespace

void addAdminAuthority(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<AuthorityFlags>();
    CLI::App *authority = admin.add_subcommand("authority", "Certificates by which agents and monitors know each other");
    authority->require_subcommand(1);
    addAction(*authority, "create", "Make an authority; never over one that is there", flags, chosen, create);
    CLI::App *one = addAction(*authority, "issue", "Make a key and a certificate; prints their files", flags, chosen, issue);
    one->add_option("--kind", flags->kind, "agent serves; monitor asks and acts; observer only asks")
        ->required()
        ->check(CLI::IsMember({"agent", "monitor", "observer"}));
    one->add_option("--name", flags->name, "Whose: of an agent also the name that monitors expect")->required()->type_name("NAME");
    one->add_option("--address", flags->addresses, "DNS name or IP address of an agent; any number")->type_name("ADDRESS");
    one->add_option("--out", flags->out, "Where NAME.pem, NAME.key and authority.pem go")->required()->type_name("DIR");
    one->add_option("--days", flags->days, "Days it is good for (365)")->type_name("DAYS")->check(CLI::Range(std::int64_t{1}, mostDays));
    addAction(*authority, "list", "One line a certificate: serial, subject, names, end", flags, chosen, list);
}

}  // namespace cm::daemon
