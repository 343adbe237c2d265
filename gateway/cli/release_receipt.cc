#include "gateway/cli/release_receipt.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "gateway/cli/output.h"
#include "gateway/cli/release_words.h"

namespace fairlead::cli {
namespace {

namespace v1 = consent::v1;
namespace json = boost::json;

// Every sentence of the page, in both languages.
struct Sentence {
  std::string_view en;
  std::string_view es;
};
constexpr Sentence kTitle = {"Your copy", "Su copia"};
constexpr Sentence kIntro = {"You allowed this. You may take it back at any time.",
                             "Usted permitió esto. Puede retirarlo en cualquier momento."};
constexpr Sentence kUnsigned = {"This has not been signed: nothing is allowed yet.",
                                "Esto no está firmado: todavía no se permite nada."};
constexpr Sentence kOver = {
    "You allowed this. It is over: nobody can open anything under it any more.",
    "Usted permitió esto. Ya terminó: nadie puede abrir nada con este permiso."};
constexpr Sentence kFrom = {"Who may share", "Quién puede compartir"};
constexpr Sentence kTo = {"With whom", "Con quién"};
constexpr Sentence kWhat = {"What", "Qué"};
constexpr Sentence kNever = {"Never", "Nunca"};
constexpr Sentence kWhy = {"What for", "Para qué"};
constexpr Sentence kHowOften = {"How often", "Cuántas veces"};
constexpr Sentence kOnce = {"Once", "Una sola vez"};
constexpr Sentence kOngoing = {"As often as needed, until it ends",
                               "Las veces necesarias, hasta que termine"};
constexpr Sentence kBothWays = {"They may also tell us", "También pueden informarnos"};
constexpr Sentence kYes = {"Yes", "Sí"};
constexpr Sentence kFromWhen = {"From", "Desde"};
constexpr Sentence kUntil = {"Until", "Hasta"};
constexpr Sentence kState = {"Now", "Ahora"};
constexpr Sentence kNumber = {"Number of this paper", "Número de este papel"};
constexpr Sentence kContact = {"Contact", "Contacto"};
constexpr Sentence kNobody = {"Nobody may contact you", "Nadie puede comunicarse con usted"};
constexpr Sentence kHow = {"How to take it back", "Cómo retirarlo"};
constexpr Sentence kHowText = {
    "Tell whoever gave you this paper, by word of mouth, in writing or electronically, and give "
    "its number. From then on nobody can open what was sent. What somebody has already read cannot "
    "be unread; they are asked to destroy their copies. Help does not depend on it.",
    "Dígaselo a quien le dio este papel, de palabra, por escrito o por medios electrónicos, y dé "
    "su número. Desde ese momento nadie podrá abrir lo que se envió. Lo que alguien ya leyó no "
    "puede borrarse de su memoria; se le pide que destruya sus copias. La ayuda no depende de "
    "ello."};
constexpr Sentence kList = {"Who was sent it, who opened it", "A quién se envió, quién lo abrió"};
constexpr Sentence kListMore = {
    "You may ask at any time for the list of the last three years.",
    "Puede pedir en cualquier momento la lista de los últimos tres años."};
constexpr Sentence kNobodyYet = {"Nobody so far.", "Nadie hasta ahora."};
constexpr Sentence kAgency = {"Agency", "Agencia"};
constexpr Sentence kWhoeverGave = {"The agency that gave you this paper",
                                   "La agencia que le dio este papel"};
constexpr Sentence kAsked = {"was asked to destroy its copies",
                             "recibió la petición de destruir sus copias"};
constexpr Sentence kPart2 = {
    "42 CFR part 2 prohibits unauthorized use or disclosure of these records.",
    "La norma 42 CFR parte 2 prohíbe el uso o la divulgación sin autorización de estos registros."};

const std::map<std::string, Sentence>& Events() {
  static const std::map<std::string, Sentence> kEvents = {
      {"sent", {"was sent it", "recibió el envío"}},
      {"opened", {"opened it", "lo abrió"}},
      {"break_glass", {"opened it in an emergency", "lo abrió en una emergencia"}},
      {"destroyed", {"has destroyed its copies", "destruyó sus copias"}},
      {"nothing_kept", {"has kept nothing", "no guardó nada"}},
      {"kept_by_law", {"must keep a copy by law", "debe guardar una copia por ley"}},
      {"draft", {"Not signed yet", "Todavía sin firmar"}},
      {"active", {"In force", "En vigor"}},
      {"revoked", {"Taken back", "Retirado"}},
      {"expired", {"Ended on its day", "Terminó en su día"}},
      {"superseded", {"Replaced by a newer one", "Reemplazado por uno más nuevo"}},
      {"entered_in_error", {"Recorded by mistake", "Registrado por error"}}};
  return kEvents;
}

// Escaped for text and quoted attributes of HTML, without what steers or hides (Printable).
std::string Escaped(std::string_view text) {
  std::string safe;
  for (const char c : Printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

class Page {
 public:
  Page(const Receipt& receipt, bool names) : receipt_(receipt), names_(names) {}

  std::string Write() {
    const v1::Release& release = receipt_.release;
    Head();
    text_ += "<dl>\n";
    Term(kFrom, {Name(release.discloser_agency_id())});
    Term(kTo, Names(release.recipient_agency_ids()));
    Term(kWhat, Codes(CategoryWords(), release.categories()));
    Term(kNever, Codes(CategoryWords(), release.excluded_categories()));
    Term(kWhy, Codes(PurposeWords(), release.purposes()));
    Term(kHowOften, {Say(release.action() == v1::RELEASE_ACTION_ONCE ? kOnce : kOngoing)});
    if (release.two_way()) Term(kBothWays, {Say(kYes)});
    Term(kFromWhen, {Time(release.effective_time())});
    Term(kUntil, {Time(release.expire_time())});
    Term(kState, {Said(EnumText(release.state()))});
    if (release.contact_prohibited()) Term(kContact, {Say(kNobody)});
    Term(kNumber, {Escaped(release.id())});
    text_ += "</dl>\n";
    if (release.state() == v1::RELEASE_STATE_ACTIVE) {
      Section(kHow);
      Paragraph(Say(kHowText));
    }
    Disclosures();
    const auto& categories = release.categories();
    if (std::find(categories.begin(), categories.end(), "substance_use_part2") !=
        categories.end()) {
      Paragraph(Say(kPart2));
    }
    text_ += "</body>\n</html>\n";
    return std::move(text_);
  }

 private:
  std::string Say(const Sentence& sentence) const {
    return std::string(receipt_.language == "es" ? sentence.es : sentence.en);
  }
  std::string Said(const std::string& code) const {
    const auto found = Events().find(code);
    return found == Events().end() ? Escaped(code) : Say(found->second);
  }
  // "2026-01-31 09:05 UTC"
  static std::string Time(const google::protobuf::Timestamp& time) {
    constexpr size_t kToTheMinute = std::string_view("2026-01-31 09:05").size();
    std::string text = TimeText(time);
    if (text.size() < kToTheMinute) return text;
    text.resize(kToTheMinute);
    text += " UTC";
    return text;
  }
  std::string Name(const std::string& id) {
    if (names_) return Escaped(receipt_.agency_name(id));
    if (id == receipt_.release.discloser_agency_id()) return Say(kWhoeverGave);
    const auto number = numbers_.emplace(id, numbers_.size() + 1).first->second;
    return Say(kAgency) + " " + std::to_string(number);
  }
  template <class Ids>
  std::vector<std::string> Names(const Ids& ids) {
    std::vector<std::string> names;
    for (const std::string& id : ids) names.push_back(Name(id));
    return names;
  }
  template <class Repeated>
  std::vector<std::string> Codes(std::span<const Words> words, const Repeated& codes) const {
    std::vector<std::string> texts;
    for (const std::string& code : codes) {
      texts.push_back(Escaped(InWords(words, code, receipt_.language)));
    }
    return texts;
  }

  const Sentence& Intro() const {
    switch (receipt_.release.state()) {
      case v1::RELEASE_STATE_DRAFT:
        return kUnsigned;
      case v1::RELEASE_STATE_ACTIVE:
        return kIntro;
      default:
        return kOver;
    }
  }

  void Head() {
    text_ += "<!doctype html>\n<html lang=\"" + Escaped(receipt_.language) +
             "\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" "
             "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n"
             "<meta name=\"robots\" content=\"noindex, noarchive\">\n<title>" +
             Say(kTitle) +
             "</title>\n<style>\n"
             "body { font: 12pt/1.5 sans-serif; color: #000; background: #fff; "
             "max-width: 40em; margin: 2em auto; padding: 0 1em; }\n"
             "dt { font-weight: bold; margin-top: .6em; }\ndd { margin: 0; }\n"
             "ul { padding-left: 1.2em; }\n@page { margin: 2cm; }\n"
             "@media print { body { margin: 0; } }\n</style>\n</head>\n<body>\n<h1>" +
             Say(kTitle) + "</h1>\n";
    Paragraph(Say(Intro()));
  }
  void Term(const Sentence& term, const std::vector<std::string>& values) {
    if (values.empty()) return;
    text_ += "<dt>" + Say(term) + "</dt>\n";
    for (const std::string& value : values) text_ += "<dd>" + value + "</dd>\n";
  }
  void Section(const Sentence& title) { text_ += "<h2>" + Say(title) + "</h2>\n"; }
  void Paragraph(const std::string& text) { text_ += "<p>" + text + "</p>\n"; }
  void Item(const google::protobuf::Timestamp& time, const std::string& agency_id,
            const std::string& what) {
    text_ += "<li>" + Time(time) + ": " + Name(agency_id) + " " + what + "</li>\n";
  }
  void Disclosures() {
    Section(kList);
    if (receipt_.disclosures.empty()) {
      Paragraph(Say(kNobodyYet));
    } else {
      text_ += "<ul>\n";
      for (const v1::Disclosure& one : receipt_.disclosures) {
        Item(one.time(), one.recipient_agency_id(), Said(one.kind()));
      }
      for (const v1::DestroyNotice& notice : receipt_.notices) {
        Item(notice.create_time(), notice.recipient_agency_id(), Say(kAsked));
        if (notice.outcome() == v1::DESTRUCTION_OUTCOME_UNSPECIFIED) continue;
        Item(notice.acknowledge_time(), notice.recipient_agency_id(),
             Said(EnumText(notice.outcome())));
      }
      text_ += "</ul>\n";
    }
    Paragraph(Say(kListMore));
  }

  const Receipt& receipt_;
  const bool names_;
  std::map<std::string, size_t> numbers_;
  std::string text_;
};

template <class Repeated>
json::array CodesAsJson(std::span<const Words> words, const Repeated& codes,
                        const std::string& language) {
  json::array list;
  for (const std::string& code : codes) {
    list.push_back(
        json::object{{"code", code}, {"text", std::string(InWords(words, code, language))}});
  }
  return list;
}

json::object AgencyAsJson(const Receipt& receipt, const std::string& id) {
  return json::object{{"id", id}, {"name", receipt.agency_name(id)}};
}

}  // namespace

std::string ReceiptAsJson(const Receipt& receipt) {
  const v1::Release& release = receipt.release;
  json::array to;
  for (const std::string& id : release.recipient_agency_ids()) {
    to.push_back(AgencyAsJson(receipt, id));
  }
  json::array disclosures;
  for (const v1::Disclosure& one : receipt.disclosures) {
    disclosures.push_back(json::object{
        {"time", TimeText(one.time())},
        {"what", one.kind()},
        {"to", AgencyAsJson(receipt, one.recipient_agency_id())},
        {"categories", CodesAsJson(CategoryWords(), one.categories(), receipt.language)},
        {"purpose", one.purpose()}});
  }
  json::array requests;
  for (const v1::DestroyNotice& notice : receipt.notices) {
    requests.push_back(json::object{{"to", AgencyAsJson(receipt, notice.recipient_agency_id())},
                                    {"asked", TimeText(notice.create_time())},
                                    {"answer", EnumText(notice.outcome())},
                                    {"answered", TimeText(notice.acknowledge_time())}});
  }
  const bool spanish = receipt.language == "es";
  const json::object whole{
      {"release", release.id()},
      {"state", EnumText(release.state())},
      {"language", receipt.language},
      {"from", AgencyAsJson(receipt, release.discloser_agency_id())},
      {"to", std::move(to)},
      {"categories", CodesAsJson(CategoryWords(), release.categories(), receipt.language)},
      {"never", CodesAsJson(CategoryWords(), release.excluded_categories(), receipt.language)},
      {"purposes", CodesAsJson(PurposeWords(), release.purposes(), receipt.language)},
      {"once", release.action() == v1::RELEASE_ACTION_ONCE},
      {"bothWays", release.two_way()},
      {"contactProhibited", release.contact_prohibited()},
      {"signed", TimeText(release.sign_time())},
      {"effective", TimeText(release.effective_time())},
      {"until", TimeText(release.expire_time())},
      {"ended", release.state() == v1::RELEASE_STATE_ACTIVE ? std::string()
                                                            : TimeText(release.state_time())},
      {"howToWithdraw", std::string(spanish ? kHowText.es : kHowText.en)},
      {"disclosures", std::move(disclosures)},
      {"destroyRequests", std::move(requests)}};
  return json::serialize(whole);
}

std::string ReceiptAsHtml(const Receipt& receipt, bool names) {
  return Page(receipt, names).Write();
}

}  // namespace fairlead::cli
