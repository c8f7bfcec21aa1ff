// SPDX-License-Identifier: GPL-3.0-or-later
// What one line of a log says, field by field, as PyPI's public table of downloads has it. Plain values, any
// thread. Nothing stands where the line says nothing.
#pragma once

#include "core/metrics/counts.h"

#include <optional>
#include <string>
#include <vector>

namespace cm::metrics {

using Text = std::optional<std::string>;

struct Installer {
    Text name;
    Text version;
    Text subcommand;  // words quoted as for a shell
    friend bool operator==(const Installer &, const Installer &) = default;
};

struct NameAndVersion {
    Text name;
    Text version;
    friend bool operator==(const NameAndVersion &, const NameAndVersion &) = default;
};

struct Libc {
    Text lib;
    Text version;
    friend bool operator==(const Libc &, const Libc &) = default;
};

struct Distro {
    Text name;
    Text version;
    Text id;
    std::optional<Libc> libc;
    friend bool operator==(const Distro &, const Distro &) = default;
};

struct System {
    Text name;
    Text release;
    friend bool operator==(const System &, const System &) = default;
};

// What a user agent tells of itself.
struct Details {
    std::optional<Installer> installer;
    Text python;
    std::optional<NameAndVersion> implementation;
    std::optional<Distro> distro;
    std::optional<System> system;
    Text cpu;
    Text opensslVersion;
    Text setuptoolsVersion;
    Text rustcVersion;
    std::optional<bool> ci;
    friend bool operator==(const Details &, const Details &) = default;
};

struct File {
    std::string filename;
    std::string project;  // as the line spells it
    std::string version;
    std::string type;  // "sdist", "bdist_wheel", …
    friend bool operator==(const File &, const File &) = default;
};

struct Record {
    Request request = Request::Download;
    std::int64_t seconds = 0;  // since 1970, UTC
    std::string url;
    std::string project;
    std::optional<File> file;  // of a download
    Text tlsProtocol;
    Text tlsCipher;
    Text countryCode;
    std::optional<Details> details;  // nothing: a client that nobody knows
    friend bool operator==(const Record &, const Record &) = default;
};

}  // namespace cm::metrics
