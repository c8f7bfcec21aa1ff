// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd admin token create | revoke-all
#include "app/daemon/command.h"
#include "app/daemon/compose.h"
#include "app/daemon/store_flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace cm::daemon {
namespace {

struct TokenFlags {
    StoreFlags store;
    std::string user;
    std::vector<std::string> projects;
    std::int64_t expires = 0;
    std::string description = "made on the command line";
};

Result<std::string> create(const TokenFlags &flags, const config::ServeConfig &config)
{
    CM_TRY_ASSIGN(const std::unique_ptr<Store> store, openForAdmin(config, false));
    CM_TRY_ASSIGN(const registry::IssuedToken issued,
                  store->people.createTokenFor(registry::commandLinePrincipal(), flags.user,
                                               {flags.description, flags.projects, flags.expires}));
    return issued.secret;
}

Result<std::int64_t> revokeAll(const config::ServeConfig &config)
{
    // The way out when the key is lost, so it is not asked for.
    CM_TRY_ASSIGN(const std::unique_ptr<Store> store, openForAdmin(config, false, Store::KeyCheck::Skipped));
    return store->people.revokeAllTokens(registry::commandLinePrincipal());
}

}  // namespace

void addAdminToken(CLI::App &admin, Command &chosen)
{
    auto flags = std::make_shared<TokenFlags>();
    CLI::App *token = admin.add_subcommand("token", "API tokens");
    token->require_subcommand(1);
    CLI::App *creating = token->add_subcommand("create", "Make a token; prints it alone, this once");
    creating->add_option("--user", flags->user, "Whose")->required()->type_name("NAME");
    creating->add_option("--project", flags->projects, "Only for this project; may be given again")
        ->type_name("P")
        ->take_all();
    creating->add_option("--expires", flags->expires, "Days it is good for; without it, for ever")
        ->type_name("DAYS")
        ->check(CLI::Range(std::int64_t{1}, registry::maxTokenDays));
    creating->add_option("--description", flags->description, "What it is for")->type_name("TEXT");
    addStoreFlags(*creating, flags->store);
    creating->callback([flags, &chosen] {
        chosen = [flags] {
            return withConfiguration(flags->store, [flags](const config::ServeConfig &config) {
                const auto made = create(*flags, config);
                if (!made)
                    return complain(made.error());
                std::printf("%s\n", made->c_str());
                return exitDone;
            });
        };
    });
    CLI::App *revoking = token->add_subcommand("revoke-all", "End every token and session, as when the node key is lost");
    addStoreFlags(*revoking, flags->store);
    revoking->callback([flags, &chosen] {
        chosen = [flags] {
            return withConfiguration(flags->store, [](const config::ServeConfig &config) {
                const auto ended = revokeAll(config);
                if (!ended)
                    return complain(ended.error());
                std::printf("%lld tokens and sessions ended\n", static_cast<long long>(*ended));
                return exitDone;
            });
        };
    });
}

}  // namespace cm::daemon
