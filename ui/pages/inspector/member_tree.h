// SPDX-License-Identifier: GPL-3.0-or-later
// The members of an archive as a tree of folders and files. Built once for a listing. GUI thread.
#pragma once

#include "core/api/operations.h"

#include <QAbstractItemModel>

#include <memory>
#include <vector>

namespace cm::ui {

class MemberTree : public QAbstractItemModel {
    Q_OBJECT
public:
    explicit MemberTree(QObject *parent = nullptr);
    ~MemberTree() override;

    void setListing(const api::ArchiveListing &listing);
    // Null for a folder that the archive does not name itself.
    [[nodiscard]] const api::ArchiveMember *member(const QModelIndex &index) const;
    [[nodiscard]] bool isFile(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(const QString &path) const;
    // What a person wants to read first: metadata, else the first file.
    [[nodiscard]] QModelIndex firstToRead() const;
    [[nodiscard]] qint64 files() const { return m_files; }
    [[nodiscard]] qint64 bytes() const { return m_bytes; }

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &child) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    Node *child(Node *parent, const QString &name);
    static void sort(Node &node);
    [[nodiscard]] Node *nodeOf(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(Node *node) const;

    std::unique_ptr<Node> m_root;
    qint64 m_files = 0;
    qint64 m_bytes = 0;
};

}  // namespace cm::ui
