#include "gateway/cli/release_new.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/cli/agency_keys.h"
#include "gateway/cli/release_create.h"
#include "gateway/cli/release_form.h"
#include "gateway/cli/release_sign.h"
#include "gateway/cli/release_words.h"

namespace fairlead::cli {
namespace {

constexpr int kLongestDays = 365;

struct NewOptions {
  std::string language;
  std::string supersedes;
  std::string case_handle;
};

constexpr std::array<std::string_view, 5> kYes = {"y", "s", "yes", "si", "sí"};
constexpr std::array<std::string_view, 2> kNo = {"n", "no"};

// Asks one person on a terminal. A question that is answered wrongly is asked again, three times in
// all (AskAgain); the end of the input is a no: NOT_CONFIRMED.
class Interview {
 public:
  explicit Interview(Context& context) : context_(context) {}

  Result<void> Run(const NewOptions& options);

 private:
  std::string Say(std::string_view en, std::string_view es) const {
    return std::string(language_ == "es" ? es : en);
  }
  Result<std::string> Line(const std::string& question) {
    context_.err() << question << ' ' << std::flush;
    const std::optional<std::string> line = ReadLine(context_);
    if (!line) return Fail(Code::kCancelled, "NOT_CONFIRMED", "Nothing was changed.");
    const size_t begin = line->find_first_not_of(" \t");
    if (begin == std::string::npos) return std::string();
    return line->substr(begin, line->find_last_not_of(" \t") - begin + 1);
  }
  Result<bool> YesOrNo(const std::string& question) {
    return AskAgain<bool>(context_, [&]() -> Result<bool> {
      FAIRLEAD_ASSIGN(const std::string line, Line(question + Say(" [y/n]", " [s/n]")));
      if (std::ranges::find(kYes, std::string_view(line)) != kYes.end()) return true;
      if (std::ranges::find(kNo, std::string_view(line)) != kNo.end()) return false;
      return Usage(Say("Answer y or n.", "Conteste s o n."));
    });
  }
  // Codes by their numbers in a list: "1 3". At least one, unless `may_be_none`.
  Result<std::vector<std::string>> Codes(const std::string& question, std::span<const Words> words,
                                         bool may_be_none) {
    context_.err() << question << '\n';
    for (size_t i = 0; i < words.size(); ++i) {
      context_.err() << "  " << i + 1 << "  " << words[i].In(language_) << '\n';
    }
    return AskAgain<std::vector<std::string>>(
        context_, [&]() -> Result<std::vector<std::string>> {
          const std::string numbers = may_be_none ? Say("Numbers, or nothing:", "Números, o nada:")
                                                  : Say("Numbers:", "Números:");
          FAIRLEAD_ASSIGN(const std::string line, Line(numbers));
          std::vector<std::string> codes;
          for (const int number : Numbers(line)) {
            if (number < 1 || number > static_cast<int>(words.size())) {
              return Usage(Say("Give numbers from the list, with spaces between.",
                               "Dé números de la lista, separados por espacios."));
            }
            codes.emplace_back(words[static_cast<size_t>(number) - 1].code);
          }
          if (codes.empty() && !may_be_none) {
            return Usage(Say("Choose at least one.", "Elija al menos uno."));
          }
          return codes;
        });
  }
  // What is no number counts as 0, which is on no list.
  static std::vector<int> Numbers(const std::string& line) {
    std::vector<int> numbers;
    size_t at = 0;
    while ((at = line.find_first_not_of(" ,", at)) != std::string::npos) {
      const size_t end = std::min(line.find_first_of(" ,", at), line.size());
      int number = 0;
      const auto read = std::from_chars(line.data() + at, line.data() + end, number);
      numbers.push_back(read.ptr == line.data() + end ? number : 0);
      at = end;
    }
    return numbers;
  }

  Result<void> AskLanguage(const std::string& given);
  Result<void> ShowForm();
  Result<void> AskWhom();
  Result<void> AskWhat();
  Result<void> AskHowLong();
  Result<void> AskContact();
  Result<void> AskSigner();
  Result<void> AskMinorAge();
  Result<void> AskStatements();
  void Summary();

  Context& context_;
  std::string language_ = "en";
  CreateOptions draft_;
  SignOptions signature_;
  std::vector<std::string> names_;  // of the recipients
};

Result<void> Interview::AskLanguage(const std::string& given) {
  Result<std::string> language = given;
  if (given.empty()) {
    language = AskAgain<std::string>(context_, [&]() -> Result<std::string> {
      FAIRLEAD_ASSIGN(const std::string line, Line("Language / Idioma [en/es]:"));
      if (FindReleaseForm(line) == nullptr) return Usage("en, es");
      return line;
    });
  }
  if (!language) return Fail(language.error());
  if (FindReleaseForm(*language) == nullptr) {
    return Usage("There is a form in en and es. For another language: release create --form FILE.");
  }
  language_ = *language;
  draft_.language = language_;
  signature_.language = language_;
  return {};
}

Result<void> Interview::ShowForm() {
  context_.err() << '\n' << FindReleaseForm(language_)->text << '\n';
  FAIRLEAD_RETURN_IF_ERROR(Line(Say("Read it together. Then press Enter.",
                                    "Léanlo juntos. Después pulse Intro.")));
  return {};
}

Result<void> Interview::AskWhom() {
  const auto ask = [&]() -> Result<std::vector<std::string>> {
    FAIRLEAD_ASSIGN(const std::string line,
                    Line(Say("With which agency may we share? (its name; empty: no more)",
                             "¿Con qué agencia podemos compartir? (su nombre; vacío: nadie más)")));
    if (line.empty()) {
      if (names_.empty()) return Usage(Say("Name at least one.", "Nombre al menos una."));
      return std::vector<std::string>();
    }
    FAIRLEAD_ASSIGN(const std::string id, AgencyForRelease(context_, line));
    return std::vector<std::string>{id};
  };
  while (draft_.recipients.size() < 20) {
    FAIRLEAD_ASSIGN(const std::vector<std::string> agency,
                    AskAgain<std::vector<std::string>>(context_, ask));
    if (agency.empty()) return {};
    draft_.recipients.push_back(agency[0]);
    names_.push_back(context_.AgencyName(agency[0]));
  }
  return {};
}

Result<void> Interview::AskWhat() {
  FAIRLEAD_ASSIGN(draft_.categories,
                  Codes(Say("What may we share?", "¿Qué podemos compartir?"), CategoryWords(),
                        /*may_be_none=*/false));
  FAIRLEAD_ASSIGN(draft_.excluded,
                  Codes(Say("What must never be shared?", "¿Qué no debe compartirse nunca?"),
                        CategoryWords(), /*may_be_none=*/true));
  for (const std::string& never : draft_.excluded) {
    std::erase(draft_.categories, never);  // a "never" beats what was said before
  }
  if (draft_.categories.empty()) {
    return Usage(Say("Then nothing is left to share.", "Entonces no queda nada por compartir."));
  }
  FAIRLEAD_ASSIGN(draft_.purposes, Codes(Say("What for?", "¿Para qué?"), PurposeWords(),
                                         /*may_be_none=*/false));
  FAIRLEAD_ASSIGN(draft_.once, YesOrNo(Say("Only once?", "¿Solo una vez?")));
  FAIRLEAD_ASSIGN(draft_.two_way, YesOrNo(Say("May they tell us something in return?",
                                              "¿Pueden ellos contarnos algo también?")));
  return {};
}

Result<void> Interview::AskHowLong() {
  const auto ask_days = [&]() -> Result<std::string> {
    FAIRLEAD_ASSIGN(const std::string line,
                    Line(Say("For how many days? (30 when empty, at most 365)",
                             "¿Por cuántos días? (30 si se deja vacío, 365 como máximo)")));
    if (line.empty()) return std::string("30d");
    const std::vector<int> days = Numbers(line);
    if (days.size() == 1 && days[0] >= 1 && days[0] <= kLongestDays) {
      return std::to_string(days[0]) + "d";
    }
    return Usage(Say("A number from 1 to 365.", "Un número del 1 al 365."));
  };
  const auto ask_state = [&]() -> Result<std::string> {
    FAIRLEAD_ASSIGN(const std::string line,
                    Line(Say("Which state's law applies? (two capital letters, such as TX)",
                             "¿La ley de qué estado se aplica? (dos mayúsculas, como TX)")));
    const bool capitals = line.size() == 2 && std::all_of(line.begin(), line.end(), [](char c) {
                            return c >= 'A' && c <= 'Z';
                          });
    if (!capitals) return Usage(Say("Two capital letters.", "Dos letras mayúsculas."));
    return line;
  };
  FAIRLEAD_ASSIGN(draft_.expires, AskAgain<std::string>(context_, ask_days));
  if (!context_.Variable("FAIRLEAD_STATE").empty()) return {};
  FAIRLEAD_ASSIGN(draft_.jurisdiction, AskAgain<std::string>(context_, ask_state));
  return {};
}

Result<void> Interview::AskContact() {
  FAIRLEAD_ASSIGN(draft_.safe_contact,
                  YesOrNo(Say("Have you told us how to reach you safely?",
                              "¿Nos ha dicho cómo comunicarnos con usted sin peligro?")));
  if (draft_.safe_contact) return {};
  FAIRLEAD_ASSIGN(draft_.contact_prohibited,
                  YesOrNo(Say("Shall nobody contact you?", "¿Nadie debe comunicarse con usted?")));
  if (draft_.contact_prohibited) return {};
  return Usage(Say("Settle first how it is safe to reach the person, or that nobody may.",
                   "Acuerden primero cómo es seguro comunicarse, o que nadie debe hacerlo."));
}

// Whether a minor may sign so depends on the age, by the rules that the hub has for the state.
Result<void> Interview::AskMinorAge() {
  const auto ask = [&]() -> Result<std::string> {
    FAIRLEAD_ASSIGN(const std::string line,
                    Line(Say("How old is the minor? (years)",
                             "¿Cuántos años tiene la persona menor?")));
    if (ParseMinorAge(line)) return line;
    return Usage(Say("A number from 1 to 17.", "Un número del 1 al 17."));
  };
  FAIRLEAD_ASSIGN(signature_.minor_age, AskAgain<std::string>(context_, ask));
  return {};
}

Result<void> Interview::AskSigner() {
  static constexpr std::array kWho = {
      Words{"self", "The person", "La persona misma"},
      Words{"guardian", "A parent or guardian", "Padre, madre o tutor"},
      Words{"minor_alone", "A minor alone, where the law allows it",
            "Una persona menor, sola, donde la ley lo permite"},
      Words{"court_guardian", "An adult's guardian, appointed by a court",
            "Tutor de una persona adulta, nombrado por un juez"}};
  static constexpr std::array kHow = {
      Words{"written", "On paper", "En papel"},
      Words{"esigned", "Electronically", "Por medios electrónicos"}};
  const auto one_of = [&](const std::string& question,
                          std::span<const Words> words) -> Result<std::string> {
    FAIRLEAD_ASSIGN(const std::vector<std::string> codes, Codes(question, words, false));
    if (codes.size() != 1) return Usage(Say("Choose one.", "Elija uno."));
    return codes[0];
  };
  FAIRLEAD_ASSIGN(signature_.capacity, one_of(Say("Who signs?", "¿Quién firma?"), kWho));
  const bool minors_guardian = signature_.capacity == "guardian";
  if (minors_guardian || signature_.capacity == "court_guardian") {
    FAIRLEAD_ASSIGN(signature_.not_the_abuser,
                    YesOrNo(Say("Guardian: do you attest that you have not abused the person?",
                                "Tutor: ¿declara que no ha abusado de la persona?")));
    if (!signature_.not_the_abuser) {
      return Fail(Code::kFailedPrecondition, "SIGNER_INELIGIBLE",
                  Say("Then this person cannot sign.", "Entonces esta persona no puede firmar."));
    }
  }
  if (minors_guardian) {
    FAIRLEAD_ASSIGN(signature_.minor_cosigned,
                    YesOrNo(Say("Does the minor sign too?", "¿Firma también la persona menor?")));
  }
  if (signature_.capacity == "minor_alone" || (minors_guardian && !signature_.minor_cosigned)) {
    FAIRLEAD_RETURN_IF_ERROR(AskMinorAge());
  }
  FAIRLEAD_ASSIGN(signature_.method, one_of(Say("How?", "¿Cómo?"), kHow));
  FAIRLEAD_ASSIGN(signature_.interpreter,
                  YesOrNo(Say("Did an interpreter help?", "¿Ayudó un intérprete?")));
  FAIRLEAD_ASSIGN(signature_.witnessed, YesOrNo(Say("Is there a witness?", "¿Hay un testigo?")));
  return {};
}

Result<void> Interview::AskStatements() {
  context_.err() << Say("For whoever records it:", "Para quien lo registra:") << '\n';
  for (const Statement& statement : Statements()) {
    FAIRLEAD_ASSIGN(const bool said,
                    YesOrNo("  " + Say(statement.words, statement.words_es)));
    if (!said) {
      return Fail(Code::kFailedPrecondition, "RELEASE_INCOMPLETE",
                  Say("Without this a release does not count. Nothing was recorded.",
                      "Sin esto la autorización no vale. No se registró nada."),
                  {{"missing", statement.name}});
    }
    signature_.statements.push_back(statement.name);
  }
  return {};
}

void Interview::Summary() {
  const auto words = [&](std::span<const Words> all, const std::vector<std::string>& codes) {
    std::vector<std::string> texts;
    for (const std::string& code : codes) texts.emplace_back(InWords(all, code, language_));
    return Listed(texts);
  };
  context_.err() << '\n';
  PrintFields(context_.err(),
              {{Say("With", "Con"), Listed(names_)},
               {Say("What", "Qué"), words(CategoryWords(), draft_.categories)},
               {Say("Never", "Nunca"), words(CategoryWords(), draft_.excluded)},
               {Say("What for", "Para qué"), words(PurposeWords(), draft_.purposes)},
               {Say("How often", "Cuántas veces"),
                draft_.once ? Say("once", "una vez") : Say("as needed", "las necesarias")},
               {Say("In return", "De vuelta"), draft_.two_way ? Say("yes", "sí") : ""},
               {Say("For", "Durante"), draft_.expires},
               {Say("Contact", "Contacto"),
                draft_.contact_prohibited ? Say("nobody may contact the person",
                                                "nadie debe comunicarse con la persona")
                                          : ""},
               {Say("Signed by", "Firma"), signature_.capacity + ", " + signature_.method}});
}

Result<void> Interview::Run(const NewOptions& options) {
  FAIRLEAD_RETURN_IF_ERROR(AskLanguage(options.language));
  FAIRLEAD_RETURN_IF_ERROR(ShowForm());
  FAIRLEAD_RETURN_IF_ERROR(AskWhom());
  FAIRLEAD_RETURN_IF_ERROR(AskWhat());
  FAIRLEAD_RETURN_IF_ERROR(AskHowLong());
  FAIRLEAD_RETURN_IF_ERROR(AskContact());
  FAIRLEAD_RETURN_IF_ERROR(AskSigner());
  FAIRLEAD_RETURN_IF_ERROR(AskStatements());
  Summary();
  FAIRLEAD_ASSIGN(const bool right, YesOrNo(Say("Is all of this right, and has it been signed?",
                                                "¿Todo esto es correcto, y está firmado?")));
  if (!right) return Fail(Code::kCancelled, "NOT_CONFIRMED", "Nothing was recorded.");
  draft_.supersedes = options.supersedes;
  draft_.case_handle = options.case_handle;
  FAIRLEAD_ASSIGN(const auto created, CreateDraft(context_, draft_));
  signature_.release = created.release().id();
  signature_.yes = options.supersedes.empty();  // what ends with it is asked about there
  return SignDraft(context_, signature_);
}

}  // namespace

void AddNewVerb(Args release, Context& context) {
  auto options = std::make_shared<NewOptions>();
  Args verb = release.Verb("new", "Go through a release with the client, question by question");
  verb.Option("--language", &options->language, "en or es; default: it asks");
  verb.Option("--case", &options->case_handle, "Case handle (UUID), or @last; default: a new one");
  verb.Option("--supersedes", &options->supersedes,
              "A release in force, of the same case, whose place it takes");
  verb.Do([&context, options]() -> Result<void> {
    if (!context.terminal().in_is_terminal) {
      return Usage("There is no terminal to ask on: release create and release sign take flags.");
    }
    return Interview(context).Run(*options);
  });
}

}  // namespace fairlead::cli
