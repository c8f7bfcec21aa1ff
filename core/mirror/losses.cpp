// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/losses.h"

#include "core/base/hash.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cm::mirror {
namespace {

constexpr std::size_t digits = 32;
constexpr std::string_view wholeWord = "all", partWord = "some";

// Up to the next `end`, which it takes away too; nothing when there is none.
std::optional<std::string_view> cut(std::string_view &rest, char end)
{
    const std::size_t at = rest.find(end);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view piece = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return piece;
}

}  // namespace

Loss lossOf(const std::vector<KnownFile> &going, bool whole)
{
    std::vector<std::string> lines;
    for (const KnownFile &file : going) {
        if (file.state != FileState::Aside)
            lines.push_back(file.path + " " + file.sha256 + "\n");
    }
    std::ranges::sort(lines);
    Hasher hasher(HashKind::Sha256);
    hasher.update(whole ? wholeWord : partWord);
    for (const std::string &line : lines)
        hasher.update(line);
    return {whole, static_cast<std::int64_t>(lines.size()), hasher.finishHex().substr(0, digits)};
}

std::string lossesText(const Losses &losses)
{
    std::string text;
    for (const auto &[name, loss] : losses)
        text += fmt::format("{} {} {} {}\n", name, loss.whole ? wholeWord : partWord, loss.files, loss.digest);
    return text;
}

Result<Losses> readLosses(std::string_view text)
{
    Losses losses;
    while (!text.empty()) {
        const auto name = cut(text, ' '), what = cut(text, ' '), count = cut(text, ' '), digest = cut(text, '\n');
        std::int64_t files = -1;
        if (count)
            std::from_chars(count->data(), count->data() + count->size(), files);
        if (!digest || files < 0 || !isHex(*digest, digits) || (*what != wholeWord && *what != partWord))
            return fail(ErrorCode::Corrupt, "what is held back is not told in lines that are known here");
        losses[std::string(*name)] = {*what == wholeWord, files, std::string(*digest)};
    }
    return losses;
}

HeldBack heldBack(const Losses &losses, std::size_t shown)
{
    HeldBack held{hashHex(HashKind::Sha256, lossesText(losses)), static_cast<std::int64_t>(losses.size()), 0, {}};
    for (const auto &[name, loss] : losses) {
        held.files += loss.files;
        if (held.first.size() < shown)
            held.first.emplace_back(name, loss);
    }
    return held;
}

}  // namespace cm::mirror
