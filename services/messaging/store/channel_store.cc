#include "services/messaging/store/channel_store.h"

#include <string_view>

#include "services/common/base/text.h"
#include "services/common/storage/answers.h"
#include "services/messaging/domain/limits.h"

namespace fairlead::messaging {
namespace {

using storage::Done;
using storage::Row;
using storage::Value;

constexpr std::string_view kChannelColumns =
    "id, name, kind, agency_kinds, law_enforcement, post_days, closed, create_ms, version";
constexpr std::string_view kPostColumns =
    "id, channel_id, agency_id, staff_id, title, text, tags, pinned, create_ms, expire_ms, "
    "reply_to, reply_count";
// Larger than every id: where pages that go from the newest down begin.
constexpr char kAfterEveryPost[] = "g";
// Above every word that begins with what is before it: U+10FFFF.
constexpr char kAfterEveryLetter[] = "\xF4\x8F\xBF\xBF";

Channel ToChannel(const Row& row) {
  return {.id = row.Text(0),
          .name = row.Text(1),
          .kind = static_cast<ChannelKind>(row.Int(2)),
          .agency_kinds = Split(row.Text(3), ' '),
          .law_enforcement = row.Bool(4),
          .post_days = row.Int(5),
          .closed = row.Bool(6),
          .create_ms = row.Int(7),
          .version = row.Int(8)};
}

Post ToPost(const Row& row) {
  return {.id = row.Text(0),
          .channel_id = row.Text(1),
          .agency_id = row.Text(2),
          .staff_id = row.Text(3),
          .title = row.Text(4),
          .text = row.Text(5),
          .tags = Split(row.Text(6), ' '),
          .pinned = row.Bool(7),
          .create_ms = row.Int(8),
          .expire_ms = row.Int(9),
          .reply_to_post_id = row.Text(10),
          .reply_count = row.Int(11)};
}

Result<std::vector<Post>> ToPosts(const Result<std::vector<Row>>& rows) {
  if (!rows) return Fail(rows.error());
  std::vector<Post> posts;
  posts.reserve(rows->size());
  for (const Row& row : *rows) posts.push_back(ToPost(row));
  return posts;
}

std::string PostSelect(std::string_view where) {
  return "SELECT " + std::string(kPostColumns) + " FROM post WHERE " + std::string(where);
}

// Of a tag that no word is: words hold letters and digits alone.
std::string TagTerm(const std::string& tag) { return "#" + tag; }

// A statement whose conditions are not known before.
class PostConditions {
 public:
  // `text` with the next number for each `?`.
  void Add(std::string_view text, std::vector<Value> values) {
    sql_ += count_ == 0 ? "" : " AND ";
    for (const char c : text) {
      if (c != '?') {
        sql_ += c;
      } else {
        sql_ += "$" + std::to_string(++count_);
      }
    }
    for (Value& value : values) values_.push_back(std::move(value));
  }
  void HasTerm(const std::string& term) {
    Add("id IN (SELECT post_id FROM post_term WHERE term = ?)", {term});
  }
  Result<std::vector<Post>> Run(storage::ReadTransaction& tx, std::string_view order, int limit) {
    values_.emplace_back(limit);
    const std::string sql =
        sql_ + " ORDER BY " + std::string(order) + " LIMIT $" + std::to_string(count_ + 1);
    return ToPosts(tx.Query(sql, storage::Params(values_)));
  }

 private:
  std::string sql_ = PostSelect("");
  int count_ = 0;
  std::vector<Value> values_;
};

}  // namespace

Result<std::vector<Channel>> AllChannels(storage::ReadTransaction& tx) {
  static const std::string kSql =
      "SELECT " + std::string(kChannelColumns) + " FROM channel ORDER BY name LIMIT $1";
  FAIRLEAD_ASSIGN(const std::vector<Row> rows, tx.Query(kSql, {kMostChannels}));
  std::vector<Channel> channels;
  for (const Row& row : rows) channels.push_back(ToChannel(row));
  return channels;
}

Result<std::optional<Channel>> FindChannel(storage::ReadTransaction& tx, const std::string& id) {
  static const std::string kSql =
      "SELECT " + std::string(kChannelColumns) + " FROM channel WHERE id = $1";
  return storage::First<Channel>(tx.Query(kSql, {id}), ToChannel);
}

Result<bool> InsertChannel(storage::Transaction& tx, const Channel& c) {
  static const std::string kSql = "INSERT INTO channel (" + std::string(kChannelColumns) +
                                  ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO "
                                  "NOTHING";
  FAIRLEAD_ASSIGN(
      const int64_t inserted,
      tx.Execute(kSql, {c.id, c.name, static_cast<int64_t>(c.kind), Join(c.agency_kinds, ' '),
                        c.law_enforcement, c.post_days, c.closed, c.create_ms, c.version}));
  return inserted != 0;
}

Result<void> UpdateChannel(storage::Transaction& tx, Channel& c) {
  c.version += 1;
  return Done(tx.Execute(
      "UPDATE channel SET agency_kinds = $2, law_enforcement = $3, post_days = "
      "$4, closed = $5, version = $6 WHERE id = $1",
      {c.id, Join(c.agency_kinds, ' '), c.law_enforcement, c.post_days, c.closed, c.version}));
}

Result<std::optional<Post>> FindPost(storage::ReadTransaction& tx, const std::string& id,
                                     int64_t now_ms) {
  static const std::string kSql = PostSelect("id = $1 AND expire_ms > $2");
  return storage::First<Post>(tx.Query(kSql, {id, now_ms}), ToPost);
}

Result<std::vector<Post>> ListPosts(storage::ReadTransaction& tx, const PostQuery& query) {
  PostConditions where;
  where.Add("channel_id = ?", {query.channel_id});
  where.Add("reply_to = ?", {query.reply_to});
  where.Add("expire_ms > ?", {query.now_ms});
  if (!query.tag.empty()) where.HasTerm(TagTerm(query.tag));
  if (!query.reply_to.empty()) {
    where.Add("id > ?", {query.after_id});
    return where.Run(tx, "id", query.limit);
  }
  if (!query.after_id.empty()) {
    where.Add("(pinned < ? OR (pinned = ? AND id < ?))",
              {query.after_pinned, query.after_pinned, query.after_id});
  }
  return where.Run(tx, "pinned DESC, id DESC", query.limit);
}

Result<std::vector<Post>> SearchPosts(storage::ReadTransaction& tx, const PostSearch& search) {
  PostConditions where;
  std::string channels = "channel_id IN (";
  std::vector<Value> ids;
  for (const std::string& id : search.channel_ids) {
    channels += ids.empty() ? "?" : ", ?";
    ids.emplace_back(id);
  }
  where.Add(channels + ")", std::move(ids));
  where.Add("expire_ms > ?", {search.now_ms});
  const std::string before = search.before_id.empty() ? kAfterEveryPost : search.before_id;
  where.Add("id < ?", {before});
  for (const std::string& word : search.words.whole) where.HasTerm(word);
  const std::string& beginning = search.words.beginning;
  if (!beginning.empty()) {
    where.Add("id IN (SELECT post_id FROM post_term WHERE term >= ? AND term < ?)",
              {beginning, beginning + kAfterEveryLetter});
  }
  if (!search.tag.empty()) where.HasTerm(TagTerm(search.tag));
  return where.Run(tx, "id DESC", search.limit);
}

Result<void> InsertPost(storage::Transaction& tx, const Post& p) {
  static const std::string kSql = "INSERT INTO post (" + std::string(kPostColumns) +
                                  ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
  FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
      kSql, {p.id, p.channel_id, p.agency_id, p.staff_id, p.title, p.text, Join(p.tags, ' '),
             p.pinned, p.create_ms, p.expire_ms, p.reply_to_post_id, p.reply_count}));
  std::vector<std::string> terms = Words(p.title + "\n" + p.text, kMostWords);
  for (const std::string& tag : p.tags) terms.push_back(TagTerm(tag));
  for (const std::string& term : terms) {
    FAIRLEAD_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO post_term (term, post_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                   {term, p.id}));
  }
  if (p.reply_to_post_id.empty()) return {};
  return Done(tx.Execute("UPDATE post SET reply_count = reply_count + 1 WHERE id = $1",
                         {p.reply_to_post_id}));
}

Result<void> SetPinned(storage::Transaction& tx, const std::string& id, bool pinned) {
  return Done(tx.Execute("UPDATE post SET pinned = $2 WHERE id = $1", {id, pinned}));
}

Result<int64_t> CountPinned(storage::ReadTransaction& tx, const std::string& channel_id) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT COUNT(*) FROM post WHERE channel_id = $1 AND reply_to = '' AND "
                           "pinned = 1",
                           {channel_id}));
  return rows.at(0).Int(0);
}

Result<std::vector<std::string>> DropPost(storage::Transaction& tx, const Post& post) {
  FAIRLEAD_ASSIGN(const std::vector<Row> rows,
                  tx.Query("SELECT id FROM post WHERE channel_id = $1 AND reply_to = $2",
                           {post.channel_id, post.id}));
  std::vector<std::string> ids = {post.id};
  for (const Row& row : rows) ids.push_back(row.Text(0));
  for (const std::string& id : ids) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM post_term WHERE post_id = $1", {id}));
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute("DELETE FROM post WHERE id = $1", {id}));
  }
  if (!post.reply_to_post_id.empty()) {
    FAIRLEAD_RETURN_IF_ERROR(tx.Execute(
        "UPDATE post SET reply_count = reply_count - 1 WHERE id = $1 AND reply_count > 0",
        {post.reply_to_post_id}));
  }
  return ids;
}

Result<std::vector<Post>> ExpiredPosts(storage::ReadTransaction& tx, int64_t now_ms, int limit) {
  static const std::string kSql = PostSelect("expire_ms <= $1 ORDER BY expire_ms LIMIT $2");
  return ToPosts(tx.Query(kSql, {now_ms, limit}));
}

}  // namespace fairlead::messaging
