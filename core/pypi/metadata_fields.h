// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of core metadata fields: the header in METADATA, the field of the upload form (also
// the key in stored JSON) and the member of Metadata. Constant, any thread.
#pragma once

#include "core/pypi/metadata.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cm::pypi {

struct SingleField {
    std::string_view header;  // lower case
    std::string_view form;
    std::string Metadata::*member;
};

struct RepeatedField {
    std::string_view header;
    std::string_view form;
    std::string_view formAlias;  // what some clients send instead
    std::vector<std::string> Metadata::*member;
};

inline constexpr std::array singleFields{
    SingleField{"metadata-version", "metadata_version", &Metadata::metadataVersion},
    SingleField{"name", "name", &Metadata::name},
    SingleField{"version", "version", &Metadata::version},
    SingleField{"summary", "summary", &Metadata::summary},
    SingleField{"description", "description", &Metadata::description},
    SingleField{"description-content-type", "description_content_type", &Metadata::descriptionContentType},
    SingleField{"author", "author", &Metadata::author},
    SingleField{"author-email", "author_email", &Metadata::authorEmail},
    SingleField{"maintainer", "maintainer", &Metadata::maintainer},
    SingleField{"maintainer-email", "maintainer_email", &Metadata::maintainerEmail},
    SingleField{"license", "license", &Metadata::license},
    SingleField{"license-expression", "license_expression", &Metadata::licenseExpression},
    SingleField{"home-page", "home_page", &Metadata::homePage},
    SingleField{"download-url", "download_url", &Metadata::downloadUrl},
    SingleField{"requires-python", "requires_python", &Metadata::requiresPython},
    SingleField{"keywords", "keywords", &Metadata::keywords},
};

inline constexpr std::array repeatedFields{
    RepeatedField{"platform", "platform", "platforms", &Metadata::platforms},
    RepeatedField{"supported-platform", "supported_platform", "supported_platforms", &Metadata::supportedPlatforms},
    RepeatedField{"classifier", "classifiers", "classifier", &Metadata::classifiers},
    RepeatedField{"requires-dist", "requires_dist", "", &Metadata::requiresDist},
    RepeatedField{"provides-dist", "provides_dist", "", &Metadata::providesDist},
    RepeatedField{"obsoletes-dist", "obsoletes_dist", "", &Metadata::obsoletesDist},
    RepeatedField{"requires", "requires", "", &Metadata::requiresLegacy},
    RepeatedField{"provides", "provides", "", &Metadata::providesLegacy},
    RepeatedField{"obsoletes", "obsoletes", "", &Metadata::obsoletesLegacy},
    RepeatedField{"requires-external", "requires_external", "", &Metadata::requiresExternal},
    RepeatedField{"project-url", "project_urls", "project_url", &Metadata::projectUrls},
    RepeatedField{"provides-extra", "provides_extra", "provides_extras", &Metadata::providesExtra},
    RepeatedField{"dynamic", "dynamic", "", &Metadata::dynamic},
    RepeatedField{"license-file", "license_file", "license_files", &Metadata::licenseFiles},
    RepeatedField{"import-name", "import_name", "import_names", &Metadata::importNames},
    RepeatedField{"import-namespace", "import_namespace", "import_namespaces", &Metadata::importNamespaces},
};

}  // namespace cm::pypi
