<?xml version="1.0" encoding="utf-8"?>
<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Only the plurals: everything else is English in the sources. -->
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>cm::ui::AddKeySheet</name>
    <message numerus="yes">
        <source>after %n day(s)</source>
        <translation>
            <numerusform>after %n day</numerusform>
            <numerusform>after %n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::AuditPage</name>
    <message numerus="yes">
        <source>%n line(s) exported</source>
        <translation>
            <numerusform>%n line exported</numerusform>
            <numerusform>%n lines exported</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::ChangeKeySheet</name>
    <message numerus="yes">
        <source>after %n day(s)</source>
        <translation>
            <numerusform>after %n day</numerusform>
            <numerusform>after %n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::DeprecationsPage</name>
    <message numerus="yes">
        <source>%n brown-out(s)</source>
        <translation>
            <numerusform>%n brown-out</numerusform>
            <numerusform>%n brown-outs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::DocumentationJob</name>
    <message numerus="yes">
        <source>%n file(s), %1 unpacked, with a first page</source>
        <translation>
            <numerusform>%n file, %1 unpacked, with a first page</numerusform>
            <numerusform>%n files, %1 unpacked, with a first page</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::DocumentationTab</name>
    <message numerus="yes">
        <source>%n file(s), %1, of %2 go out of sight at once.</source>
        <translation>
            <numerusform>%n file, %1, of %2 goes out of sight at once.</numerusform>
            <numerusform>%n files, %1, of %2 go out of sight at once.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::FilesTab</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::IndirectCard</name>
    <message numerus="yes">
        <source>%n day(s)</source>
        <translation>
            <numerusform>%n day</numerusform>
            <numerusform>%n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::InspectorPage</name>
    <message numerus="yes">
        <source>%n file(s), %1 unpacked</source>
        <translation>
            <numerusform>%n file, %1 unpacked</numerusform>
            <numerusform>%n files, %1 unpacked</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::MessagesTab</name>
    <message numerus="yes">
        <source>&amp;Send %n message(s)</source>
        <translation>
            <numerusform>&amp;Send %n message</numerusform>
            <numerusform>&amp;Send %n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n person(s) without an address get none.</source>
        <translation>
            <numerusform>%n person without an address gets none.</numerusform>
            <numerusform>%n people without an address get none.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) sent</source>
        <translation>
            <numerusform>%n message sent</numerusform>
            <numerusform>%n messages sent</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Sending stopped after %n message(s)</source>
        <translation>
            <numerusform>Sending stopped after %n message</numerusform>
            <numerusform>Sending stopped after %n messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Cho&amp;ose a folder for %n file(s)</source>
        <translation>
            <numerusform>Cho&amp;ose a folder for %n file</numerusform>
            <numerusform>Cho&amp;ose a folder for %n files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) could not be written</source>
        <translation>
            <numerusform>%n file could not be written</numerusform>
            <numerusform>%n files could not be written</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) saved</source>
        <translation>
            <numerusform>%n message saved</numerusform>
            <numerusform>%n messages saved</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::MyProjectsPage</name>
    <message numerus="yes">
        <source>%n key(s)</source>
        <translation>
            <numerusform>%n key</numerusform>
            <numerusform>%n keys</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::NextStepCard</name>
    <message numerus="yes">
        <source>%n use(s) that no account stands behind.</source>
        <translation>
            <numerusform>%n use that no account stands behind.</numerusform>
            <numerusform>%n uses that no account stands behind.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::PeopleCard</name>
    <message numerus="yes">
        <source>%n line(s) exported</source>
        <translation>
            <numerusform>%n line exported</numerusform>
            <numerusform>%n lines exported</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::PeoplePage</name>
    <message numerus="yes">
        <source>%n person(s)</source>
        <translation>
            <numerusform>%n person</numerusform>
            <numerusform>%n people</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::PersonActions</name>
    <message numerus="yes">
        <source>%n other admin(s) can act</source>
        <translation>
            <numerusform>%n other admin can act</numerusform>
            <numerusform>%n other admins can act</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing is removed: %n project(s), roles, tokens and keys stay.</source>
        <translation>
            <numerusform>Nothing is removed: %n project, roles, tokens and keys stay.</numerusform>
            <numerusform>Nothing is removed: %n projects, roles, tokens and keys stay.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::ProjectActions</name>
    <message numerus="yes">
        <source>Nothing is removed: %n release(s) stay as they are.</source>
        <translation>
            <numerusform>Nothing is removed: %n release stays as it is.</numerusform>
            <numerusform>Nothing is removed: %n releases stay as they are.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n release(s)</source>
        <translation>
            <numerusform>%n release</numerusform>
            <numerusform>%n releases</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s), %1, go out of sight at once.</source>
        <translation>
            <numerusform>%n file, %1, goes out of sight at once.</numerusform>
            <numerusform>%n files, %1, go out of sight at once.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It can be restored for %n day(s), then the bytes are removed for good.</source>
        <translation>
            <numerusform>It can be restored for %n day, then the bytes are removed for good.</numerusform>
            <numerusform>It can be restored for %n days, then the bytes are removed for good.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::ReleasesTab</name>
    <message numerus="yes">
        <source>Its %n file(s) stay where they are.</source>
        <translation>
            <numerusform>Its %n file stays where it is.</numerusform>
            <numerusform>Its %n files stay where they are.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s), %1, go out of sight at once.</source>
        <translation>
            <numerusform>%n file, %1, goes out of sight at once.</numerusform>
            <numerusform>%n files, %1, go out of sight at once.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::StepSheet</name>
    <message numerus="yes">
        <source>%n more person(s)</source>
        <translation>
            <numerusform>%n more person</numerusform>
            <numerusform>%n more people</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n use(s) that no account stands behind</source>
        <translation>
            <numerusform>%n use that no account stands behind</numerusform>
            <numerusform>%n uses that no account stands behind</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::TokensCard</name>
    <message numerus="yes">
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>after %n day(s)</source>
        <translation>
            <numerusform>after %n day</numerusform>
            <numerusform>after %n days</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::UploadJob</name>
    <message numerus="yes">
        <source>Readable %1 with %n member(s)</source>
        <translation>
            <numerusform>Readable %1 with %n member</numerusform>
            <numerusform>Readable %1 with %n members</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) to mend</source>
        <translation>
            <numerusform>%n thing to mend</numerusform>
            <numerusform>%n things to mend</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::UploadPage</name>
    <message numerus="yes">
        <source>%n ready</source>
        <translation>
            <numerusform>%n ready</numerusform>
            <numerusform>%n ready</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n on the way</source>
        <translation>
            <numerusform>%n on the way</numerusform>
            <numerusform>%n on the way</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n to mend</source>
        <translation>
            <numerusform>%n to mend</numerusform>
            <numerusform>%n to mend</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n uploaded</source>
        <translation>
            <numerusform>%n uploaded</numerusform>
            <numerusform>%n uploaded</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>&amp;Upload %n file(s)</source>
        <translation>
            <numerusform>&amp;Upload %n file</numerusform>
            <numerusform>&amp;Upload %n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::UseCard</name>
    <message numerus="yes">
        <source>%n day(s) alone</source>
        <translation>
            <numerusform>%n day alone</numerusform>
            <numerusform>%n days alone</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n use(s) known to be missing</source>
        <translation>
            <numerusform>%n use known to be missing</numerusform>
            <numerusform>%n uses known to be missing</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n without a person</source>
        <translation>
            <numerusform>%n without a person</numerusform>
            <numerusform>%n without a person</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::VerdictWords</name>
    <message numerus="yes">
        <source>All is well: %n node(s) answer</source>
        <translation>
            <numerusform>All is well: %n node answers</numerusform>
            <numerusform>All is well: %n nodes answer</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n other node(s) need a look too.</source>
        <translation>
            <numerusform>%n other node needs a look too.</numerusform>
            <numerusform>%n other nodes need a look too.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The other %n node(s) are well.</source>
        <translation>
            <numerusform>The other node is well.</numerusform>
            <numerusform>The other %n nodes are well.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n node(s) watched, each looked at within the last seconds.</source>
        <translation>
            <numerusform>%n node is watched, looked at within the last seconds.</numerusform>
            <numerusform>%n nodes are watched, each looked at within the last seconds.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::AlertRow</name>
    <message numerus="yes">
        <source>%n consequence(s)</source>
        <translation>
            <numerusform>%n consequence</numerusform>
            <numerusform>%n consequences</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::NodesPage</name>
    <message numerus="yes">
        <source>pgpool views (%n difference(s))</source>
        <translation>
            <numerusform>pgpool views (%n difference)</numerusform>
            <numerusform>pgpool views (%n differences)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::ReadOnlySheet</name>
    <message numerus="yes">
        <source>%n file(s) came in today so far: who uploads meanwhile is told to come back.</source>
        <translation>
            <numerusform>%n file came in today so far: who uploads meanwhile is told to come back.</numerusform>
            <numerusform>%n files came in today so far: who uploads meanwhile is told to come back.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::SilenceSheet</name>
    <message numerus="yes">
        <source>%n open alert(s) fall(s) silent</source>
        <translation>
            <numerusform>%n open alert falls silent</numerusform>
            <numerusform>%n open alerts fall silent</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cm::ui::MonitorBoard</name>
    <message numerus="yes">
        <source>%n thing(s) nobody watches</source>
        <translation>
            <numerusform>%n thing nobody watches</numerusform>
            <numerusform>%n things nobody watches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 concludes otherwise on %n node(s)</source>
        <translation>
            <numerusform>%1 concludes otherwise on %n node</numerusform>
            <numerusform>%1 concludes otherwise on %n nodes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>purge</name>
    <message numerus="yes">
        <source>About %1 answers are asked for anew, once each: its page in each form, its JSON and %n file(s) with their metadata.</source>
        <translation>
            <numerusform>About %1 answers are asked for anew, once each: its page in each form, its JSON and %n file with its metadata.</numerusform>
            <numerusform>About %1 answers are asked for anew, once each: its page in each form, its JSON and %n files with their metadata.</numerusform>
        </translation>
    </message>
</context>
</TS>
