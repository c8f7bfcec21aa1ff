// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/make_archive.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <zlib.h>

namespace cm::test {
namespace {

void put(std::string &out, std::uint64_t value, int width)
{
    for (int i = 0; i < width; ++i)
        out.push_back(static_cast<char>(value >> (8 * i)));
}

std::string pack(std::string_view bytes, int windowBits)
{
    z_stream stream{};
    if (::deflateInit2(&stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflateInit2");
    std::string out(::deflateBound(&stream, bytes.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    if (::deflate(&stream, Z_FINISH) != Z_STREAM_END)
        throw std::runtime_error("deflate");
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

std::uint32_t crcOf(std::string_view bytes)
{
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

}  // namespace

TempFolder::TempFolder()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "cheesemonger-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("mkdtemp");
    m_path = pattern;
}

TempFolder::~TempFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::filesystem::path TempFolder::write(std::string_view name, std::string_view bytes) const
{
    const std::filesystem::path path = m_path / name;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file)
        throw std::runtime_error("cannot write " + path.string());
    return path;
}

std::string makeZip(const std::vector<ZipMember> &members, const ZipShape &shape)
{
    std::string out = shape.before;
    std::string directory;
    int records = shape.extraRecords;
    for (const ZipMember &member : members) {
        std::string data = member.deflate ? pack(member.content, -MAX_WBITS) : member.content;
        const std::uint32_t crc = crcOf(member.content);
        if (member.damaged && !data.empty())
            data[data.size() / 2] = static_cast<char>(data[data.size() / 2] ^ 0x55);
        const std::uint16_t method = member.method != 0xffff ? member.method : member.deflate ? 8 : 0;
        const auto size = static_cast<std::uint64_t>(
            member.declaredSize >= 0 ? member.declaredSize : static_cast<std::int64_t>(member.content.size()));
        const std::string &localName = member.localName.empty() ? member.name : member.localName;
        const std::size_t offset = out.size();
        put(out, 0x04034b50, 4);
        put(out, 20, 2);
        put(out, member.flags, 2);
        put(out, method, 2);
        put(out, 0x00210000, 4);  // a time and a day that are valid
        put(out, crc, 4);
        put(out, data.size(), 4);
        put(out, size, 4);
        put(out, localName.size(), 2);
        put(out, member.localExtra.size(), 2);
        out.append(localName).append(member.localExtra).append(data);
        if (!member.inDirectory)
            continue;
        ++records;
        put(directory, 0x02014b50, 4);
        put(directory, 0x0314, 2);
        put(directory, 20, 2);
        put(directory, member.flags, 2);
        put(directory, method, 2);
        put(directory, 0x00210000, 4);
        put(directory, crc, 4);
        put(directory, data.size(), 4);
        put(directory, member.centralSize >= 0 ? static_cast<std::uint64_t>(member.centralSize) : size, 4);
        put(directory, member.name.size(), 2);
        put(directory, 0, 2);
        put(directory, member.comment.size(), 2);
        put(directory, 0, 4);
        put(directory, 0100644ULL << 16, 4);
        put(directory, offset, 4);
        directory.append(member.name).append(member.comment);
    }
    const std::size_t directoryOffset = out.size();
    out.append(directory);
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, static_cast<std::uint64_t>(records), 2);
    put(out, static_cast<std::uint64_t>(records), 2);
    put(out, directory.size(), 4);
    put(out, directoryOffset + static_cast<std::size_t>(shape.offsetShift), 4);
    put(out, shape.comment.size(), 2);
    return out.append(shape.comment).append(shape.after);
}

std::string makeTar(const std::vector<TarEntry> &entries)
{
    std::string out;
    for (const TarEntry &entry : entries) {
        std::string header(512, '\0');
        const auto text = [&](std::size_t at, std::string_view value) {
            std::memcpy(header.data() + at, value.data(), value.size());
        };
        const auto octal = [&](std::size_t at, std::size_t width, std::uint64_t value) {
            for (std::size_t i = width - 1; i-- > 0; value >>= 3)
                header[at + i] = static_cast<char>('0' + (value & 7));
        };
        text(0, std::string_view(entry.name).substr(0, 100));
        octal(100, 8, 0644);
        octal(108, 8, 0);
        octal(116, 8, 0);
        octal(124, 12, entry.content.size());
        octal(136, 12, 0);
        header[156] = entry.type;
        text(157, std::string_view(entry.link).substr(0, 100));
        text(257, std::string_view("ustar\00000", 8));
        text(148, "        ");
        std::uint64_t sum = 0;
        for (const char c : header)
            sum += static_cast<unsigned char>(c);
        octal(148, 7, sum);
        header[154] = '\0';
        out.append(header).append(entry.content);
        out.append((512 - entry.content.size() % 512) % 512, '\0');
    }
    return out.append(1024, '\0');
}

std::string gzip(std::string_view bytes)
{
    return pack(bytes, MAX_WBITS + 16);
}

std::string makeTarGz(const std::vector<TarEntry> &entries)
{
    return gzip(makeTar(entries));
}

std::string metadataText(std::string_view name, std::string_view version, std::string_view more)
{
    return std::string("Metadata-Version: 2.1\nName: ")
        .append(name)
        .append("\nVersion: ")
        .append(version)
        .append("\n")
        .append(more)
        .append("\nA description.\n");
}

std::string makeWheel(std::string_view name, std::string_view version, std::string_view moreMetadata)
{
    const std::string info = std::string(name).append("-").append(version).append(".dist-info/");
    return makeZip({{std::string(name) + "/__init__.py", "x = 1\n"},
                    {info + "METADATA", metadataText(name, version, moreMetadata)},
                    {info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
                    {info + "RECORD", std::string(name) + "/__init__.py,,\n"}});
}

std::string makeSdist(std::string_view name, std::string_view version, std::string_view moreMetadata)
{
    const std::string top = std::string(name).append("-").append(version).append("/");
    return makeTarGz({{top, "", '5'},
                      {top + "PKG-INFO", metadataText(name, version, moreMetadata)},
                      {top + "pyproject.toml", "[build-system]\n"}});
}

std::vector<std::filesystem::path> systemWheels()
{
    std::vector<std::filesystem::path> wheels;
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator("/usr/share/python-wheels", ignored)) {
        if (entry.path().extension() == ".whl")
            wheels.push_back(entry.path());
    }
    std::ranges::sort(wheels);
    return wheels;
}

}  // namespace cm::test
