// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/mirror_orders.h"

#include "core/host/json_file.h"
#include "core/host/whole_file.h"

#include <fmt/format.h>

namespace cm::host {
namespace {

constexpr mode_t forAll = 0644;

std::filesystem::path allowFile(const std::filesystem::path &tree)
{
    return tree / "allow-deletions.json";
}

constexpr std::string_view again = "again-", json = ".json";
constexpr std::size_t mostAgain = 100;

}  // namespace

std::filesystem::path heldFile(const std::filesystem::path &tree)
{
    return tree / "held";
}

Result<std::optional<AllowOrder>> readAllow(const std::filesystem::path &tree)
{
    return readJson<AllowOrder>(allowFile(tree));
}

Result<void> writeAllow(const std::filesystem::path &tree, const AllowOrder &order)
{
    return writeWhole(allowFile(tree), api::toJsonText(order) + "\n", forAll);
}

Result<void> removeAllow(const std::filesystem::path &tree)
{
    return removeWhole(allowFile(tree));
}

Result<void> writeAgain(const std::filesystem::path &tree, const AgainOrder &order)
{
    if (readAgain(tree).size() >= mostAgain)
        return fail(ErrorCode::Conflict, "too many projects wait to be looked at anew: the next run of the mirror takes them");
    return writeWhole(tree / fmt::format("{}{}{}", again, order.project, json), api::toJsonText(order) + "\n", forAll);
}

std::vector<AgainFile> readAgain(const std::filesystem::path &tree)
{
    std::vector<AgainFile> found;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(tree, error)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(again) || !name.ends_with(json))
            continue;
        auto order = readJson<AgainOrder>(entry.path());
        found.push_back({entry.path(), order ? std::move(*order) : std::nullopt});
    }
    return found;
}

}  // namespace cm::host
