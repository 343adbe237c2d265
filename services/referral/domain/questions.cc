#include "services/referral/domain/questions.h"

#include <algorithm>
#include <array>
#include <string>

#include "services/common/base/text.h"

namespace fairlead::referral {
namespace {

constexpr auto kToAny = std::to_array<CodedWords>({
    {"unknown", "The sender does not know", "La agencia que envía no lo sabe"},
    {"not_shared", "The person does not want it told", "La persona no quiere que se diga"},
});

constexpr auto kEnglish = std::to_array<CodedWords>({
    {"none", "None", "Nada"},
    {"some", "Some", "Algo"},
    {"well", "Well", "Bien"},
});
constexpr auto kInterpreter = std::to_array<CodedWords>({
    {"not_needed", "None is needed", "No hace falta"},
    {"yes", "Yes", "Sí"},
    {"no", "No: only in person", "No: solo en persona"},
});
// Those of the facets.
constexpr auto kAgeBandWords = std::to_array<CodedWords>({
    {"age_0_11", "0 to 11", "De 0 a 11"},
    {"age_12_17", "12 to 17", "De 12 a 17"},
    {"age_18_24", "18 to 24", "De 18 a 24"},
    {"age_25_59", "25 to 59", "De 25 a 59"},
    {"age_60_up", "60 or more", "60 o más"},
});
constexpr auto kChildren = std::to_array<CodedWords>({
    {"none", "None", "Ninguno"},
    {"one", "One", "Uno"},
    {"two", "Two", "Dos"},
    {"three_or_more", "Three or more", "Tres o más"},
});
constexpr auto kYoungest = std::to_array<CodedWords>({
    {"no_children", "No child comes along", "No viene ninguno"},
    {"under_2", "Under 2", "Menos de 2"},
    {"age_2_5", "2 to 5", "De 2 a 5"},
    {"age_6_11", "6 to 11", "De 6 a 11"},
    {"age_12_17", "12 to 17", "De 12 a 17"},
});
constexpr auto kCompanions = std::to_array<CodedWords>({
    {"nobody", "Nobody", "Nadie"},
    {"partner_or_family", "Partner or family", "Pareja o familia"},
    {"somebody_else", "Somebody else", "Otra persona"},
});
// What would do, and not who the person is.
constexpr auto kSharedPlaces = std::to_array<CodedWords>({
    {"any", "Any", "Cualquiera"},
    {"women_only", "For women only", "Solo para mujeres"},
    {"men_only", "For men only", "Solo para hombres"},
    {"own_room", "Only a room of their own", "Solo un cuarto propio"},
});
constexpr auto kMobility = std::to_array<CodedWords>({
    {"none", "None", "Ninguna"},
    {"few_stairs", "Few stairs", "Pocas escaleras"},
    {"wheelchair", "Room for a wheelchair", "Espacio para silla de ruedas"},
});
constexpr auto kPets = std::to_array<CodedWords>({
    {"none", "None", "Ninguno"},
    {"small_animal", "A cat or a smaller one", "Un gato o más pequeño"},
    {"dog", "A dog", "Un perro"},
    {"service_animal", "A service animal", "Un animal de servicio"},
});
constexpr auto kDates = std::to_array<CodedWords>({
    {"today", "Today or tonight", "Hoy o esta noche"},
    {"within_3_days", "Within 3 days", "En 3 días"},
    {"within_7_days", "Within 7 days", "En 7 días"},
    {"later", "Later", "Más tarde"},
});
constexpr auto kStays = std::to_array<CodedWords>({
    {"up_to_3_nights", "Up to 3 nights", "Hasta 3 noches"},
    {"up_to_30_days", "Up to 30 days", "Hasta 30 días"},
    {"longer", "Longer", "Más tiempo"},
});
constexpr auto kInsurance = std::to_array<CodedWords>({
    {"none", "None", "Ninguno"},
    {"public", "Public", "Público"},
    {"private", "Private", "Privado"},
});
constexpr auto kDocuments = std::to_array<CodedWords>({
    {"yes", "Yes", "Sí"},
    {"no", "No", "No"},
    {"being_replaced", "It is being replaced", "Se está reponiendo"},
});
constexpr auto kMedication = std::to_array<CodedWords>({
    {"none", "None is needed", "No hace falta"},
    {"locked", "Locked", "Bajo llave"},
    {"cold", "Cold", "En frío"},
});
constexpr auto kTransport = std::to_array<CodedWords>({
    {"own", "Their own", "Propio"},
    {"public", "Public transport", "Transporte público"},
    {"none", "None: a ride is needed", "Ninguno: hay que recoger a la persona"},
});

constexpr auto kQuestions = std::to_array<Question>({
    {{"english_spoken", "How much English is spoken?", "¿Cuánto inglés se habla?"}, kEnglish},
    {{"phone_interpreter", "Would an interpreter by telephone do?",
      "¿Bastaría un intérprete por teléfono?"},
     kInterpreter},
    {{"age_band", "In which age band is the person?", "¿En qué grupo de edad está la persona?"},
     kAgeBandWords},
    {{"children_count", "How many children come along?", "¿Cuántos menores vienen?"}, kChildren},
    {{"youngest_child_band", "How old is the youngest child?",
      "¿Qué edad tiene el menor de todos?"},
     kYoungest},
    {{"adult_companion", "Which other adult comes along?", "¿Qué otra persona adulta viene?"},
     kCompanions},
    {{"shared_place", "Which shared place would do?", "¿Qué lugar compartido serviría?"},
     kSharedPlaces},
    {{"mobility_need", "What is needed to get about?", "¿Qué hace falta para moverse?"}, kMobility},
    {{"pet", "Which animal comes along?", "¿Qué animal viene?"}, kPets},
    {{"date_needed", "From when is it needed?", "¿Desde cuándo hace falta?"}, kDates},
    {{"length_of_stay", "For how long?", "¿Por cuánto tiempo?"}, kStays},
    {{"insurance_status", "Which health insurance is there?", "¿Qué seguro médico hay?"},
     kInsurance},
    {{"identity_document", "Is there an identity document?", "¿Hay un documento de identidad?"},
     kDocuments},
    {{"medication_storage", "How must medication be kept?",
      "¿Cómo hay que guardar los medicamentos?"},
     kMedication},
    {{"transport_available", "Which transport is there?", "¿Qué transporte hay?"}, kTransport},
});

}  // namespace

std::vector<CodedWords> Question::Answers() const {
  std::vector<CodedWords> answers(own_answers.begin(), own_answers.end());
  answers.insert(answers.end(), kToAny.begin(), kToAny.end());
  return answers;
}

std::span<const Question> Questions() { return kQuestions; }

Result<const Question*> FindQuestion(std::string_view code) {
  const auto found = std::ranges::find_if(
      kQuestions, [code](const Question& question) { return question.asks.code == code; });
  if (found != kQuestions.end()) return &*found;
  return Fail(Code::kInvalidArgument, "UNKNOWN_QUESTION_CODE", "There is no such question.",
              {{"field", "question_code"}});
}

Result<void> CheckAnswer(std::string_view question_code, std::string_view answer_code) {
  FAIRLEAD_ASSIGN(const Question* question, FindQuestion(question_code));
  std::vector<std::string> allowed;
  for (const CodedWords& answer : question->Answers()) {
    if (answer.code == answer_code) return {};
    allowed.emplace_back(answer.code);
  }
  return Fail(Code::kInvalidArgument, "UNKNOWN_ANSWER_CODE",
              "That is no answer to this question. There are: " + Join(allowed, ',') + ".",
              {{"field", "answer_code"}, {"allowed", Join(allowed, ',')}});
}

}  // namespace fairlead::referral
