// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/blob_path.h"

#include "core/base/hash.h"

#include <algorithm>
#include <cctype>

namespace cm::blobs {

namespace {

constexpr std::size_t maxSegment = 255;  // NAME_MAX of every file system we store on

bool isPlainSegment(std::string_view segment)
{
    return !segment.empty() && segment.size() <= maxSegment && segment.front() != '.'
        && std::none_of(segment.begin(), segment.end(),
                        [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/' || c == '\\'; });
}

}  // namespace

Result<std::string> blobPath(std::string_view blake2b256, std::string_view filename)
{
    if (!isHex(blake2b256, 64))
        return fail(ErrorCode::InvalidInput, "a blob's digest is not 64 hexadecimal digits");
    if (!isPlainSegment(filename))
        return fail(ErrorCode::InvalidInput, "a blob's file name is not a plain name");
    std::string digest(blake2b256);
    std::transform(digest.begin(), digest.end(), digest.begin(), [](unsigned char c) { return std::tolower(c); });
    return digest.substr(0, 2) + '/' + digest.substr(2, 2) + '/' + digest.substr(4) + '/' + std::string(filename);
}

std::string digestOfBlobPath(std::string_view path)
{
    constexpr std::size_t first = 2, second = 2, rest = 60;  // digits of the folders
    constexpr std::size_t folders = first + 1 + second + 1 + rest;
    const std::size_t end = path.rfind('/');
    if (end == std::string_view::npos || end < folders || end + 1 == path.size())
        return {};
    const std::string_view digits = path.substr(end - folders, folders);
    const bool whole = end == folders || path[end - folders - 1] == '/';
    if (!whole || digits[first] != '/' || digits[first + 1 + second] != '/')
        return {};
    const std::string digest = std::string(digits.substr(0, first)) + std::string(digits.substr(first + 1, second)) + std::string(digits.substr(folders - rest));
    return isHex(digest, first + second + rest) ? digest : std::string();
}

Result<void> checkBlobPath(std::string_view path)
{
    for (;;) {
        const std::size_t slash = path.find('/');
        if (!isPlainSegment(path.substr(0, slash)))
            return fail(ErrorCode::InvalidInput, "a blob's path has a segment that is not a plain name");
        if (slash == std::string_view::npos)
            return {};
        path.remove_prefix(slash + 1);
    }
}

}  // namespace cm::blobs
