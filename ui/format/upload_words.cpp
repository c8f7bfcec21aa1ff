// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/upload_words.h"

#include <QCoreApplication>

#include <array>
#include <string_view>

namespace cm::ui {

namespace {

class UploadWords {
    Q_DECLARE_TR_FUNCTIONS(cm::ui::UploadWords)
};

struct TopicOf {
    std::string_view check;
    UploadTopic topic;
};

// The first entry with which the name of the check begins.
constexpr std::array topics{
    TopicOf{"metadata.description", UploadTopic::Description},
    TopicOf{"description", UploadTopic::Description},
    TopicOf{"metadata.version", UploadTopic::Name},
    TopicOf{"metadata.local-version", UploadTopic::Name},
    TopicOf{"metadata.", UploadTopic::Metadata},
    TopicOf{"form.name", UploadTopic::Name},
    TopicOf{"form.version", UploadTopic::Name},
    TopicOf{"form.blake2", UploadTopic::Digest},
    TopicOf{"form.sha256", UploadTopic::Digest},
    TopicOf{"form.digest", UploadTopic::Digest},
    TopicOf{"form.", UploadTopic::Metadata},
    TopicOf{"digest.", UploadTopic::Digest},
    TopicOf{"file.too-large", UploadTopic::Size},
    TopicOf{"project.too-large", UploadTopic::Size},
    TopicOf{"file.name-used", UploadTopic::Presence},
    TopicOf{"file.exists", UploadTopic::Presence},
    TopicOf{"file-exists", UploadTopic::Presence},
    TopicOf{"file.missing", UploadTopic::Archive},
    TopicOf{"file.", UploadTopic::Name},
    TopicOf{"release.", UploadTopic::Presence},
    TopicOf{"archive.metadata", UploadTopic::Metadata},
    TopicOf{"archive.name", UploadTopic::Name},
    TopicOf{"archive.version", UploadTopic::Name},
    TopicOf{"archive.", UploadTopic::Archive},
    TopicOf{"wheel.record", UploadTopic::Archive},
    TopicOf{"wheel.entry-points", UploadTopic::Archive},
    TopicOf{"wheel.metadata", UploadTopic::Metadata},
    TopicOf{"wheel.", UploadTopic::Name},
    TopicOf{"sdist.", UploadTopic::Name},
};

bool begins(const QString &check, std::string_view with)
{
    return check.startsWith(QLatin1StringView(with.data(), static_cast<qsizetype>(with.size())));
}

QString fileRemedy(const QString &check)
{
    if (begins(check, "file.too-large"))
        return UploadWords::tr("Make the file smaller, or ask an admin for a higher limit.");
    if (begins(check, "file.name-used") || begins(check, "file.exists") || begins(check, "file-exists"))
        return UploadWords::tr("A file name can be used once: raise the version and build again.");
    if (begins(check, "file.extension") || begins(check, "file.content-type"))
        return UploadWords::tr("Build a wheel (.whl) or an sdist (.tar.gz).");
    if (begins(check, "file.missing"))
        return UploadWords::tr("Choose the file again.");
    return UploadWords::tr("Rename the file as the build tool named it.");
}

QString projectRemedy(const QString &check)
{
    if (begins(check, "project.too-large"))
        return UploadWords::tr("Delete releases that nobody needs, or ask an admin for a higher limit.");
    if (begins(check, "project.status"))
        return UploadWords::tr("Ask a moderator of the registry about the project's status.");
    if (begins(check, "project.too-many") || begins(check, "project.registration"))
        return UploadWords::tr("Try again later.");
    return UploadWords::tr("Choose another project name.");
}

QString metadataRemedy(const QString &check)
{
    if (begins(check, "metadata.local-version"))
        return UploadWords::tr("Drop the part of the version after the plus sign.");
    if (begins(check, "metadata.direct-dependency"))
        return UploadWords::tr("Depend on a release by its name and version.");
    if (begins(check, "metadata.metadata-version"))
        return UploadWords::tr("Update the build tool and build again.");
    if (begins(check, "metadata.description"))
        return UploadWords::tr("Name the type of the description: text/markdown, text/x-rst or text/plain.");
    return UploadWords::tr("Mend the project's metadata and build again.");
}

}  // namespace

UploadTopic topicOf(const QString &check)
{
    for (const TopicOf &entry : topics) {
        if (begins(check, entry.check))
            return entry.topic;
    }
    // Who may, and whether the registry takes anything now.
    return UploadTopic::Permission;
}

QString nameFor(UploadTopic topic)
{
    switch (topic) {
    case UploadTopic::Archive:
        return UploadWords::tr("Archive");
    case UploadTopic::Name:
        return UploadWords::tr("Name and version");
    case UploadTopic::Metadata:
        return UploadWords::tr("Metadata");
    case UploadTopic::Description:
        return UploadWords::tr("Description");
    case UploadTopic::Digest:
        return UploadWords::tr("Digests");
    case UploadTopic::Permission:
        return UploadWords::tr("Permission");
    case UploadTopic::Presence:
        return UploadWords::tr("Already there");
    case UploadTopic::Size:
        return UploadWords::tr("Size");
    }
    return {};
}

QString remedyFor(const QString &check)
{
    if (begins(check, "registry."))
        return UploadWords::tr("Uploads are stopped for now; try again later.");
    if (begins(check, "auth."))
        return UploadWords::tr("Sign in again or make a new token in My projects.");
    if (begins(check, "access.token"))
        return UploadWords::tr("Use a token that covers this project.");
    if (begins(check, "access."))
        return UploadWords::tr("Ask an owner of the project to add you.");
    if (begins(check, "file"))
        return fileRemedy(check);
    if (begins(check, "project."))
        return projectRemedy(check);
    if (begins(check, "metadata."))
        return metadataRemedy(check);
    if (begins(check, "description."))
        return UploadWords::tr("Mend the description, try it with twine check, and build again.");
    if (begins(check, "release."))
        return UploadWords::tr("Raise the version and build again.");
    if (begins(check, "digest."))
        return UploadWords::tr("The file changed while it was read: check it again.");
    if (begins(check, "wheel.platform"))
        return UploadWords::tr("Repair the wheel for a known platform, for instance with auditwheel.");
    if (begins(check, "wheel.entry-points"))
        return UploadWords::tr("Mend the entry points and build again.");
    if (begins(check, "sdist.pep625") || begins(check, "wheel.spelling"))
        return UploadWords::tr("Update the build tool and build again; it then spells the file name as asked.");
    if (begins(check, "form."))
        return UploadWords::tr("Mend name and version in the project's metadata and build again.");
    return UploadWords::tr("Build the file again; it is damaged or incomplete.");
}

}  // namespace cm::ui
