// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/mirror_config.h"

#include "core/config/flat_section.h"

#include <array>
#include <charconv>

namespace cm::config {
namespace {

Problem setPercent(std::string_view text, double &out)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !(number >= 0 && number <= 100))
        return "has to be a number from 0 to 100";
    out = number;
    return std::nullopt;
}

// "a, b-*, c"
Problem setList(std::string_view text, std::vector<std::string> &out)
{
    out.clear();
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view word = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        while (word.starts_with(' '))
            word.remove_prefix(1);
        while (word.ends_with(' '))
            word.remove_suffix(1);
        if (word.empty())
            return "has to be patterns with commas between them";
        out.emplace_back(word);
    }
    return std::nullopt;
}

Problem setFrom(MirrorConfig &config, std::string_view text)
{
    const bool http = text.starts_with("http://") || text.starts_with("https://");
    if (!http || text.find_first_of(" \t\"<>?#@") != std::string_view::npos)
        return "has to be the http or https address of a registry, without a user or a query";
    config.from = text;
    return std::nullopt;
}

Problem setBaseUrl(MirrorConfig &config, std::string_view text)
{
    while (text.ends_with('/'))
        text.remove_suffix(1);
    const bool http = text.starts_with("http://") || text.starts_with("https://");
    if (!text.empty() && (!http || text.find_first_of(" \t\"<>?#@") != std::string_view::npos))
        return "has to be an http or https address without query";
    config.baseUrl = text;
    return std::nullopt;
}

using Key = FlatKey<MirrorConfig>;
using Config = MirrorConfig;

constexpr std::array keys{
    Key{"from", setFrom},
    Key{"to", [](Config &config, std::string_view text) { return setPath(text, config.to); }},
    Key{"base_url", setBaseUrl},
    Key{"ca", [](Config &config, std::string_view text) { return setPath(text, config.ca); }},
    Key{"every", [](Config &config, std::string_view text) { return setDuration(text, std::chrono::seconds(1), config.every); }},
    Key{"jobs", [](Config &config, std::string_view text) { return setNumber(text, 1, 64, config.jobs); }},
    Key{"bandwidth", [](Config &config, std::string_view text) { return text == "0" ? Problem() : setSize(text, config.bandwidth); }},
    Key{"slow_after", [](Config &config, std::string_view text) { return setDuration(text, std::chrono::seconds(1), config.slowAfter); }},
    Key{"scrub_percent", [](Config &config, std::string_view text) { return setPercent(text, config.scrubPercent); }},
    Key{"brake.percent", [](Config &config, std::string_view text) { return setPercent(text, config.brakePercent); }},
    Key{"brake.projects", [](Config &config, std::string_view text) { return setNumber(text, 0, 1'000'000'000, config.brakeProjects); }},
    Key{"grace", [](Config &config, std::string_view text) { return setDuration(text, std::chrono::seconds(0), config.grace); }},
    Key{"index_every", [](Config &config, std::string_view text) { return setDuration(text, std::chrono::seconds(0), config.indexEvery); }},
    Key{"compare_hours",
        [](Config &config, std::string_view text) {
            std::int64_t hours = 0;
            auto problem = setNumber(text, 0, 100'000, hours);
            config.compareEvery = std::chrono::hours(hours);
            return problem;
        }},
    Key{"projects.allow", [](Config &config, std::string_view text) { return setList(text, config.allow); }},
    Key{"projects.deny", [](Config &config, std::string_view text) { return setList(text, config.deny); }},
    Key{"releases.prereleases", [](Config &config, std::string_view text) { return setFlag(text, config.prereleases); }},
    Key{"releases.latest", [](Config &config, std::string_view text) { return setNumber(text, 0, 1'000'000, config.latest); }},
    Key{"files.platforms", [](Config &config, std::string_view text) { return setList(text, config.platforms); }},
    Key{"files.sdists", [](Config &config, std::string_view text) { return setFlag(text, config.sdists); }},
    Key{"log.level", [](Config &config, std::string_view text) { return setLevel(text, config.logLevel); }},
    Key{"log.file",
        [](Config &config, std::string_view text) {
            config.logFile = text;
            return Problem();
        }},
};

}  // namespace

Result<std::chrono::seconds> parseDuration(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{{{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}};
    for (const auto &[name, seconds] : units) {
        if (error == std::errc() && unit == name && number >= 0 && number <= 100'000'000 / seconds)
            return std::chrono::seconds(number * seconds);
    }
    return fail(ErrorCode::InvalidInput, "is no duration such as \"60s\", \"5m\" or \"2h\"");
}

Result<MirrorConfig> loadMirrorConfig(const Inputs &inputs)
{
    MirrorConfig config;
    FlatSection<MirrorConfig> section(inputs, config, "mirror", "mirror.", keys);
    section.read();
    if (config.to.empty())
        section.report("to", "has to name the folder of the mirror (--to)");
    CM_TRY(section.verdict());
    return config;
}

std::vector<std::string_view> mirrorKeys()
{
    std::vector<std::string_view> names;
    for (const Key &key : keys)
        names.push_back(key.name);
    return names;
}

}  // namespace cm::config
