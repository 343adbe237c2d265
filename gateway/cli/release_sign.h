// `release sign`: the signature and the statements that are attested with it.
#ifndef GATEWAY_CLI_RELEASE_SIGN_H_
#define GATEWAY_CLI_RELEASE_SIGN_H_

#include <functional>
#include <string>
#include <vector>

#include "fairlead/consent/v1/consent.pb.h"
#include "gateway/cli/args.h"
#include "gateway/cli/context.h"

namespace fairlead::cli {

// What the person who records a signature attests, and where it goes in the request.
struct Statement {
  std::string name;
  std::string words;
  std::string words_es;
  std::function<void(consent::v1::SignReleaseRequest*)> attest;
};
const std::vector<Statement>& Statements();

struct SignOptions {
  std::string release;
  std::string capacity;
  std::string method;
  std::string artefact;
  std::string language;
  std::string etag;
  std::vector<std::string> statements;
  bool not_the_abuser = false;
  bool minor_cosigned = false;
  std::string minor_age;  // in years; empty: not said
  bool interpreter = false;
  bool witnessed = false;
  bool yes = false;
};

// "16": from 1 to 17. Error: USAGE.
Result<int> ParseMinorAge(const std::string& text);

// Shows what is attested, asks unless `yes`, and puts the draft in force. Errors: USAGE,
// RELEASE_INCOMPLETE, FORM_LANGUAGE_MISMATCH, NOT_CONFIRMED, those of CheckRelease and of the hub.
Result<void> SignDraft(Context& context, const SignOptions& options);

void AddSignVerb(Args release, Context& context);

}  // namespace fairlead::cli

#endif  // GATEWAY_CLI_RELEASE_SIGN_H_
