#include "services/common/base/release_hash.h"

#include <string_view>

#include "services/common/base/encoding.h"
#include "services/common/base/text.h"

namespace fairlead {

std::string ReleaseHash(const ReleaseElements& elements) {
  std::string text = "fairlead-release-v1\n";
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += name;
    text += '=';
    text += value;
    text += '\n';
  };
  line("id", elements.id);
  line("form_version", elements.form_version);
  line("form_hash", elements.form_hash);
  line("jurisdiction", elements.jurisdiction);
  line("case_handle", elements.case_handle);
  line("discloser", elements.discloser_agency_id);
  line("recipients", Join(SortedUnique(elements.recipient_agency_ids), ' '));
  line("intermediary", elements.hub_named_as_intermediary ? "1" : "0");
  line("categories", Join(SortedUnique(elements.categories), ' '));
  line("excluded", Join(SortedUnique(elements.excluded_categories), ' '));
  line("purposes", Join(SortedUnique(elements.purposes), ' '));
  line("action", std::to_string(elements.action));
  line("two_way", elements.two_way ? "1" : "0");
  line("effective_ms", std::to_string(elements.effective_ms));
  line("expire_ms", std::to_string(elements.expire_ms));
  return Base64UrlEncode(Sha256(text));
}

}  // namespace fairlead
