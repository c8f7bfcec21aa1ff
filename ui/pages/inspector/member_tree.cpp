// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/member_tree.h"

#include "ui/format/format.h"
#include "ui/models/roles.h"

#include <QHash>
#include <QStringList>

#include <algorithm>
#include <optional>

namespace cm::ui {

struct MemberTree::Node {
    QString name;
    Node *parent = nullptr;
    int row = 0;
    std::optional<api::ArchiveMember> member;
    std::vector<std::unique_ptr<Node>> children;
    QHash<QString, Node *> byName;

    bool isFolder() const { return !children.empty() || (member && member->kind == "directory"); }
};

MemberTree::MemberTree(QObject *parent) : QAbstractItemModel(parent), m_root(std::make_unique<Node>())
{
}

MemberTree::~MemberTree() = default;

MemberTree::Node *MemberTree::child(Node *parent, const QString &name)
{
    if (Node *found = parent->byName.value(name))
        return found;
    auto made = std::make_unique<Node>();
    made->name = name;
    made->parent = parent;
    Node *node = made.get();
    parent->children.push_back(std::move(made));
    parent->byName.insert(name, node);
    return node;
}

void MemberTree::sort(Node &node)
{
    std::sort(node.children.begin(), node.children.end(), [](const auto &a, const auto &b) {
        if (a->isFolder() != b->isFolder())
            return a->isFolder();
        return QString::compare(a->name, b->name, Qt::CaseInsensitive) < 0;
    });
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        node.children[i]->row = static_cast<int>(i);
        sort(*node.children[i]);
    }
}

void MemberTree::setListing(const api::ArchiveListing &listing)
{
    beginResetModel();
    m_root = std::make_unique<Node>();
    m_files = 0;
    m_bytes = 0;
    // A hostile path may have any number of segments; what lies deeper stays in one name.
    constexpr int deepest = 64;
    for (const api::ArchiveMember &member : listing.members) {
        QStringList parts = text(member.path).split(QLatin1Char('/'), Qt::SkipEmptyParts);
        if (parts.isEmpty())
            continue;
        if (parts.size() > deepest)
            parts = parts.mid(0, deepest - 1) << parts.mid(deepest - 1).join(QLatin1Char('/'));
        Node *node = m_root.get();
        for (const QString &part : std::as_const(parts))
            node = child(node, part);
        node->member = member;
        if (member.kind == "file") {
            ++m_files;
            m_bytes += member.size;
        }
    }
    sort(*m_root);
    endResetModel();
}

MemberTree::Node *MemberTree::nodeOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QModelIndex MemberTree::indexOf(Node *node) const
{
    return node == m_root.get() ? QModelIndex() : createIndex(node->row, 0, node);
}

const api::ArchiveMember *MemberTree::member(const QModelIndex &index) const
{
    const Node *node = nodeOf(index);
    return node->member ? &*node->member : nullptr;
}

bool MemberTree::isFile(const QModelIndex &index) const
{
    const auto *found = index.isValid() ? member(index) : nullptr;
    return found && found->kind == "file";
}

QModelIndex MemberTree::indexOf(const QString &path) const
{
    Node *node = m_root.get();
    const QStringList parts = path.split(QLatin1Char('/'), Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        node = node->byName.value(part);
        if (!node)
            return {};
    }
    return indexOf(node);
}

QModelIndex MemberTree::firstToRead() const
{
    Node *firstFile = nullptr;
    std::vector<Node *> open{m_root.get()};
    for (std::size_t at = 0; at < open.size(); ++at) {
        Node *node = open[at];
        if (node->member && node->member->kind == "file") {
            if (node->name == QLatin1String("METADATA") || node->name == QLatin1String("PKG-INFO"))
                return indexOf(node);
            if (!firstFile)
                firstFile = node;
        }
        for (const auto &next : node->children)
            open.push_back(next.get());
    }
    return firstFile ? indexOf(firstFile) : QModelIndex();
}

QModelIndex MemberTree::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, nodeOf(parent)->children[static_cast<std::size_t>(row)].get());
}

QModelIndex MemberTree::parent(const QModelIndex &child) const
{
    return child.isValid() ? indexOf(nodeOf(child)->parent) : QModelIndex();
}

int MemberTree::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->children.size());
}

int MemberTree::columnCount(const QModelIndex &) const
{
    return 2;
}

QVariant MemberTree::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Node *node = nodeOf(index);
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == 0)
            return node->name;
        if (!node->member || node->member->kind == "directory")
            return QString();
        return node->member->kind == "file" ? formatBytes(node->member->size) : tr("link or special");
    case Qt::ToolTipRole:
        return node->member ? text(node->member->path) : node->name;
    case Qt::TextAlignmentRole:
        return QVariant((index.column() == 1 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case IdentifierRole:
        return index.column() == 0;
    case DimRole:
        return index.column() == 1;
    default:
        return {};
    }
}

QVariant MemberTree::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return section == 0 ? tr("Member") : tr("Size");
    if (role == Qt::TextAlignmentRole)
        return section == 0 ? QVariant(Qt::AlignLeft | Qt::AlignVCenter) : QVariant(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

}  // namespace cm::ui
