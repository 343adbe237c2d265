// What the hub answers, in the words of the model.
#ifndef TESTS_MODEL_TEXT_H_
#define TESTS_MODEL_TEXT_H_

#include <string>
#include <unordered_map>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "fairlead/directory/v1/capacity.pb.h"
#include "fairlead/referral/v1/referral.pb.h"

namespace fairlead::model {

// The numbers that the model has for the hub's ids: of agencies, referrals, releases and holds, and
// of offers within their referral.
class Names {
 public:
  void Add(const std::string& id, int number) { numbers_[id] = number; }
  // -1: the empty id; -2: one that nobody has heard of.
  int NumberOf(const std::string& id) const {
    if (id.empty()) return -1;
    const auto found = numbers_.find(id);
    return found == numbers_.end() ? -2 : found->second;
  }

 private:
  std::unordered_map<std::string, int> numbers_;
};

// As Model::See, Model::Story and Model::Disclosures.
std::string TextOf(const referral::v1::Referral& referral, const Names& names, bool blurred);
std::vector<std::string> TextOf(const referral::v1::GetTimelineResponse& timeline,
                                const Names& names);
std::vector<std::string> TextOf(const consent::v1::ListDisclosuresResponse& disclosures,
                                const Names& names);
std::string Joined(const std::vector<std::string>& lines);

}  // namespace fairlead::model

#endif  // TESTS_MODEL_TEXT_H_
