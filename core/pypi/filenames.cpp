// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/filenames.h"

#include "core/pypi/names.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <array>

namespace cm::pypi {
namespace {

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = text.find(separator, begin);
        if (end == std::string_view::npos) {
            parts.emplace_back(text.substr(begin));
            return parts;
        }
        parts.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
}

bool isTag(std::string_view tag)
{
    return !tag.empty() && std::ranges::all_of(tag, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    });
}

bool isNumber(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

template <std::size_t N>
bool isOneOf(std::string_view text, const std::array<std::string_view, N> &list)
{
    return std::ranges::find(list, text) != list.end();
}

constexpr std::array<std::string_view, 2> oldest{"x86_64", "i686"};
constexpr std::array<std::string_view, 7> many2014{"x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x"};
constexpr std::array<std::string_view, 8> manyArch{"x86_64", "i686",    "aarch64", "armv7l",
                                                   "ppc64",  "ppc64le", "s390x",   "riscv64"};
constexpr std::array<std::string_view, 7> muslArch{"x86_64",  "i686",  "aarch64", "armv7l",
                                                   "ppc64le", "s390x", "riscv64"};
constexpr std::array<std::string_view, 4> iosArch{"arm64_iphoneos", "x86_64_iphoneos", "arm64_iphonesimulator",
                                                  "x86_64_iphonesimulator"};
constexpr std::array<std::string_view, 4> androidArch{"armeabi_v7a", "arm64_v8a", "x86", "x86_64"};
constexpr std::array<std::string_view, 7> plain{"any",      "win32",        "win_amd64",   "win_arm64",
                                                "win_ia64", "linux_armv6l", "linux_armv7l"};
constexpr std::array<std::string_view, 6> macMajors{"11", "12", "13", "14", "15", "26"};

// Takes "NUMBER_" off the front; the number, or empty when there is none.
std::string_view takeNumber(std::string_view &rest)
{
    const std::size_t end = rest.find('_');
    if (end == std::string_view::npos || !isNumber(rest.substr(0, end)))
        return {};
    const std::string_view number = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return number;
}

bool takePrefix(std::string_view &rest, std::string_view prefix)
{
    if (!rest.starts_with(prefix))
        return false;
    rest.remove_prefix(prefix.size());
    return true;
}

bool takeTwoNumbers(std::string_view &rest)
{
    return !takeNumber(rest).empty() && !takeNumber(rest).empty();
}

bool isMacTag(std::string_view rest)
{
    const std::string_view major = takeNumber(rest);
    const std::string_view minor = takeNumber(rest);
    if (major.empty() || minor.empty() || rest.empty())
        return false;
    return major == "10" || (isOneOf(major, macMajors) && minor == "0");
}

}  // namespace

std::string WheelName::pyversion() const
{
    std::string text;
    for (const std::string &tag : pythonTags)
        text.append(text.empty() ? "" : ".").append(tag);
    return text;
}

Result<WheelName> parseWheelName(std::string_view filename)
{
    const std::string quoted = "'" + std::string(filename) + "'";
    if (!filename.ends_with(".whl"))
        return fail(ErrorCode::InvalidInput, "Invalid wheel filename (extension must be '.whl'): " + quoted);
    const auto parts = split(filename.substr(0, filename.size() - 4), '-');
    if (parts.size() != 5 && parts.size() != 6)
        return fail(ErrorCode::InvalidInput, "Invalid wheel filename (wrong number of parts): " + quoted);
    WheelName wheel;
    wheel.name = parts[0];
    wheel.version = parts[1];
    if (!isValidName(wheel.name) || wheel.name.find("__") != std::string::npos)
        return fail(ErrorCode::InvalidInput, "Invalid project name: " + quoted);
    if (!isValidVersion(wheel.version))
        return fail(ErrorCode::InvalidInput, "Invalid wheel filename (invalid version): " + quoted);
    if (parts.size() == 6) {
        wheel.build = parts[2];
        if (wheel.build.empty() || !isNumber(wheel.build.substr(0, 1)) || !isTag(wheel.build))
            return fail(ErrorCode::InvalidInput, "Invalid build number: " + wheel.build + " in " + quoted);
    }
    wheel.pythonTags = split(parts[parts.size() - 3], '.');
    wheel.abiTags = split(parts[parts.size() - 2], '.');
    wheel.platformTags = split(parts[parts.size() - 1], '.');
    for (const auto *tags : {&wheel.pythonTags, &wheel.abiTags, &wheel.platformTags}) {
        if (!std::ranges::all_of(*tags, isTag))
            return fail(ErrorCode::InvalidInput, "Invalid wheel filename (invalid tag): " + quoted);
    }
    return wheel;
}

Result<SdistName> parseSdistName(std::string_view filename)
{
    SdistName sdist;
    for (const std::string_view extension : {".tar.gz", ".zip"}) {
        if (filename.ends_with(extension))
            sdist.extension = extension;
    }
    if (sdist.extension.empty())
        return fail(ErrorCode::InvalidInput, "Use .tar.gz or .zip for a source distribution");
    const std::string_view stem = filename.substr(0, filename.size() - sdist.extension.size());
    for (std::size_t dash = stem.rfind('-'); dash != std::string_view::npos && dash > 0;
         dash = stem.rfind('-', dash - 1)) {
        if (isValidVersion(stem.substr(dash + 1)) && isValidName(stem.substr(0, dash))) {
            sdist.name = stem.substr(0, dash);
            sdist.version = stem.substr(dash + 1);
            return sdist;
        }
    }
    return fail(ErrorCode::InvalidInput, "Invalid source distribution filename: " + std::string(filename));
}

std::string pep625Name(std::string_view project, std::string_view version)
{
    std::string name = normalizeName(project);
    std::ranges::replace(name, '-', '_');
    const auto parsed = Version::parse(version);
    return name + "-" + (parsed ? parsed->normalised() : std::string(version)) + ".tar.gz";
}

bool isAllowedPlatformTag(std::string_view tag, PlatformTagPolicy policy)
{
    if (isOneOf(tag, plain))
        return true;
    std::string_view rest = tag;
    if (takePrefix(rest, "manylinux1_") || takePrefix(rest, "manylinux2010_"))
        return isOneOf(rest, oldest);
    if (takePrefix(rest, "manylinux2014_"))
        return isOneOf(rest, many2014);
    if (takePrefix(rest, "manylinux_"))
        return takeTwoNumbers(rest) && isOneOf(rest, manyArch);
    if (takePrefix(rest, "musllinux_"))
        return takeTwoNumbers(rest) && isOneOf(rest, muslArch);
    if (takePrefix(rest, "macosx_"))
        return isMacTag(rest);
    if (takePrefix(rest, "ios_"))
        return takeTwoNumbers(rest) && isOneOf(rest, iosArch);
    if (takePrefix(rest, "android_"))
        return !takeNumber(rest).empty() && isOneOf(rest, androidArch);
    if (takePrefix(rest, "pyemscripten_"))
        return takeTwoNumbers(rest) && rest == "wasm32";
    return policy.plainLinux && takePrefix(rest, "linux_") && isOneOf(rest, manyArch);
}

}  // namespace cm::pypi
