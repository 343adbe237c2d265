#include "services/directory/domain/read_eligibility.h"

#include <algorithm>
#include <charconv>

#include "services/common/base/text.h"
#include "services/directory/domain/check_rows.h"
#include "services/directory/domain/fold.h"

namespace fairlead::directory {
namespace {

constexpr std::string_view kOurs = "fairlead/";
constexpr size_t kMaxWords = 64;
constexpr std::array<std::string_view, 5> kIdentityWords = {
    "id", "identification", "identificacion", "passport", "pasaporte"};
constexpr std::array<std::string_view, 4> kFreeWords = {"free", "gratis", "gratuito", "gratuita"};
constexpr std::array<std::string_view, 2> kSlidingWords = {"sliding", "escala"};

bool HasWord(std::string_view text, std::span<const std::string_view> words) {
  const std::vector<std::string> tokens = Tokens(text, kMaxWords);
  return std::ranges::any_of(words, [&](std::string_view word) { return Contains(tokens, word); });
}

struct Term {
  const ImportRow* row;
  std::string taxonomy;  // without "fairlead/"
  std::string code;
};

// Terms of ours, by id. A term that no list has is a problem even if nothing uses it.
std::map<std::string, Term> OurTerms(const ImportTables& tables) {
  std::map<std::string, std::string> names;
  for (const ImportRow& row : RowsOf(tables, "taxonomies")) {
    names.try_emplace(CanonicalId(row.Get("id")), row.Get("name"));
  }
  std::map<std::string, Term> terms;
  for (const ImportRow& row : RowsOf(tables, "taxonomy_terms")) {
    std::string taxonomy(row.Get("taxonomy"));
    const auto name = names.find(CanonicalId(row.Get("taxonomy_id")));
    if (!taxonomy.starts_with(kOurs) && name != names.end()) taxonomy = name->second;
    if (!taxonomy.starts_with(kOurs)) continue;
    terms.try_emplace(CanonicalId(row.Get("id")),
                      Term{&row, taxonomy.substr(kOurs.size()), std::string(row.Get("code"))});
  }
  return terms;
}

void CheckTerm(const Term& term, Problems& problems) {
  const auto list = std::ranges::find(kCodeLists, term.taxonomy);
  bool known = false;
  if (list != kCodeLists.end()) {
    known = BitOf(static_cast<CodeList>(list - kCodeLists.begin()), term.code) != 0;
  } else if (term.taxonomy == "demand") {
    known = term.code == "id" || term.code == "sobriety";
  } else if (term.taxonomy == "intake") {
    known = term.code == "warm_transfer" || term.code == "any_interpreter" ||
            term.code == "response_target";
  } else {
    return problems.Add(term.row->Problem("taxonomy", "UNKNOWN_TAXONOMY"));
  }
  if (!known) problems.Add(term.row->Problem("code", "UNKNOWN_CODE"));
}

void TakeTarget(const ImportRow& row, Eligibility& eligibility, Problems& problems) {
  const std::string_view text = row.Get("value");
  int minutes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minutes);
  if (error != std::errc() || end != text.data() + text.size() || minutes < 1 ||
      minutes > kMaxResponseTargetMin) {
    return problems.Add(row.Problem("value", "INVALID_VALUE"));
  }
  eligibility.response_target_min = minutes;
}

void TakeTerm(const Term& term, const ImportRow& row, Eligibility& eligibility,
              Problems& problems) {
  const auto list = std::ranges::find(kCodeLists, term.taxonomy);
  if (list != kCodeLists.end()) {
    std::vector<std::string>& codes =
        eligibility.codes.at(static_cast<size_t>(list - kCodeLists.begin()));
    codes.push_back(term.code);
    codes = SortedUnique(std::move(codes));
  } else if (term.code == "response_target") {
    TakeTarget(row, eligibility, problems);
  } else {
    eligibility.id_required |= term.code == "id";
    eligibility.sobriety_required |= term.code == "sobriety";
    eligibility.takes_warm_transfers |= term.code == "warm_transfer";
    eligibility.any_interpreter |= term.code == "any_interpreter";
  }
}

Cost ReadCost(const ImportRow& row, Problems& problems) {
  const std::string_view option = row.Get("option");
  if (HasWord(option, kSlidingWords)) return Cost::kSliding;
  if (HasWord(option, kFreeWords)) return Cost::kFree;
  const std::string_view text = row.Get("amount");
  if (text.empty()) return Cost::kNotStated;
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc() || end != text.data() + text.size() || !(amount >= 0)) {
    problems.Add(row.Problem("amount", "INVALID_VALUE"));
    return Cost::kNotStated;
  }
  return amount > 0 ? Cost::kFee : Cost::kFree;
}

}  // namespace

ReadEligibilities ReadEligibility(const ImportTables& tables, Problems& problems) {
  ReadEligibilities read;
  const std::map<std::string, Term> terms = OurTerms(tables);
  for (const auto& [id, term] : terms) CheckTerm(term, problems);
  for (const ImportRow& row : RowsOf(tables, "attributes")) {
    const auto term = terms.find(CanonicalId(row.Get("taxonomy_term_id")));
    if (term == terms.end()) continue;
    TakeTerm(term->second, row, read.of_services[CanonicalId(row.Get("link_id"))], problems);
  }
  for (const ImportRow& row : RowsOf(tables, "cost_options")) {
    const Cost cost = ReadCost(row, problems);
    Cost& kept = read.of_services[CanonicalId(row.Get("service_id"))].cost;
    if (kept == Cost::kNotStated || (cost != Cost::kNotStated && cost < kept)) kept = cost;
  }
  for (const ImportRow& row : RowsOf(tables, "required_documents")) {
    read.of_services[CanonicalId(row.Get("service_id"))].id_required |=
        HasWord(row.Get("document"), kIdentityWords);
  }
  for (const ImportRow& row : RowsOf(tables, "accessibility")) {
    const EligibilityCode* code = CodeOfLabel(CodeList::kAccessibility, row.Get("description"));
    if (code == nullptr) continue;
    read.accessibility_of_places[CanonicalId(row.Get("location_id"))].insert(code->code);
  }
  return read;
}

}  // namespace fairlead::directory
