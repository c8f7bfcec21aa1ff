// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/upload_form.h"

#include "core/pypi/text.h"

#include <array>

namespace cm::pypi {
namespace {

struct TransportField {
    std::string_view name;
    std::string UploadForm::*member;
};

constexpr std::array transportFields{
    TransportField{":action", &UploadForm::action},
    TransportField{"protocol_version", &UploadForm::protocolVersion},
    TransportField{"filetype", &UploadForm::filetype},
    TransportField{"pyversion", &UploadForm::pyversion},
    TransportField{"md5_digest", &UploadForm::md5Digest},
    TransportField{"sha256_digest", &UploadForm::sha256Digest},
    TransportField{"blake2_256_digest", &UploadForm::blake2Digest},
    TransportField{"comment", &UploadForm::comment},
    TransportField{"attestations", &UploadForm::attestations},
};

}  // namespace

std::string cleanFormValue(std::string_view value)
{
    const std::string_view text = stripped(value);
    if (text == "UNKNOWN" || text == "None")
        return {};
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '\0')
            out.append("\\x00");
        else
            out.push_back(c);
    }
    return out;
}

UploadForm cleanUploadForm(const FormFields &fields)
{
    UploadForm form;
    form.protocolVersion.clear();
    for (const auto &[name, raw] : fields) {
        for (const TransportField &field : transportFields) {
            if (field.name == name && (form.*field.member).empty())
                form.*field.member = cleanFormValue(raw);
        }
    }
    if (form.protocolVersion.empty())
        form.protocolVersion = "1";
    if (form.filetype == "sdist" && form.pyversion.empty())
        form.pyversion = "source";
    form.metadata = metadataFromForm(fields);
    return form;
}

}  // namespace cm::pypi
