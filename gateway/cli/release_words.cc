#include "gateway/cli/release_words.h"

#include <array>

namespace fairlead::cli {
namespace {

constexpr std::array kCategories = {
    Words{"identity", "Who you are: name, date of birth", "Quién es usted: nombre, nacimiento"},
    Words{"safe_contact", "How to reach you safely", "Cómo comunicarse con usted sin peligro"},
    Words{"needs", "What you need", "Lo que usted necesita"},
    Words{"health", "Your health", "Su salud"},
    Words{"legal", "Legal matters", "Asuntos legales"},
    Words{"immigration", "Immigration papers and status", "Papeles y situación migratoria"},
    Words{"children", "Your children", "Sus hijos e hijas"},
    Words{"narrative", "What happened to you", "Lo que le ha pasado"},
    Words{"documents", "Copies of documents", "Copias de documentos"},
    Words{"substance_use_part2", "Treatment for substance use",
          "Tratamiento por uso de sustancias"},
};
constexpr std::array kPurposes = {
    Words{"referral", "To ask another agency to help you", "Pedir a otra agencia que le ayude"},
    Words{"service_coordination", "To help you together", "Ayudarle en conjunto"},
    Words{"safety_planning", "To plan for your safety", "Planear su seguridad"},
    Words{"legal_representation", "To stand up for you in legal matters",
          "Representarle en asuntos legales"},
    Words{"treatment", "To treat you", "Darle tratamiento"},
    Words{"benefits", "To get you benefits", "Conseguirle beneficios"},
};

}  // namespace

std::span<const Words> CategoryWords() { return kCategories; }
std::span<const Words> PurposeWords() { return kPurposes; }

std::string_view InWords(std::span<const Words> words, std::string_view code,
                         std::string_view language) {
  for (const Words& each : words) {
    if (each.code == code) return each.In(language);
  }
  return code;
}

std::string_view FormLanguage(std::string_view language) {
  return language == "es" || language.starts_with("es-") ? "es" : "en";
}

}  // namespace fairlead::cli
