// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of a legacy upload, cleaned: blanks stripped, NUL made visible, "UNKNOWN" and "None"
// absent, known misspellings of clients undone. A value; any thread.
#pragma once

#include "core/pypi/metadata.h"

#include <string>
#include <string_view>

namespace cm::pypi {

struct UploadForm {
    std::string action;                 // ":action"
    std::string protocolVersion = "1";  // absent means 1
    std::string filetype;
    std::string pyversion;
    std::string md5Digest;
    std::string sha256Digest;
    std::string blake2Digest;  // 64 hexadecimal digits, or 128 of BLAKE2b-512 as distutils sends
    std::string comment;
    std::string attestations;
    Metadata metadata;
};

[[nodiscard]] UploadForm cleanUploadForm(const FormFields &fields);
// One value, cleaned as the form does it; empty when it stands for "absent".
[[nodiscard]] std::string cleanFormValue(std::string_view value);

}  // namespace cm::pypi
