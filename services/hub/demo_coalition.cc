#include "services/hub/demo_coalition.h"

#include <array>

namespace fairlead::hub {
namespace {

using auth::AgencyKind;
using auth::Role;

// Travis 48453, Williamson 48491, Hays 48209, Bastrop 48021 (FIPS).
constexpr std::array<DemoAgency, 12> kAgencies = {{
    {"office", "Lone River Coalition Office", AgencyKind::kCoalitionOffice, "Austin", "48453"},
    {"harbor", "Harbor House", AgencyKind::kVictimServiceProvider, "Austin", "48453", true},
    {"riverbend", "Riverbend Family Shelter", AgencyKind::kVictimServiceProvider, "San Marcos",
     "48209", true},
    {"northside", "Northside Community Clinic", AgencyKind::kHealthProvider, "Austin", "48453"},
    {"cedar", "Cedar Street Recovery", AgencyKind::kPart2Program, "Round Rock", "48491"},
    {"opendoor", "Open Door Legal Aid", AgencyKind::kLegalServices, "Austin", "48453"},
    {"newroots", "New Roots Immigration Law", AgencyKind::kLegalServices, "Austin", "48453"},
    {"bridge", "Bridge Language Services", AgencyKind::kOther, "Austin", "48453"},
    {"hotline", "Lone River Hotline", AgencyKind::kHotline, "Austin", "48453"},
    {"housing", "City Housing Department", AgencyKind::kGovernment, "Austin", "48453"},
    {"nextstep", "Next Step Work Center", AgencyKind::kOther, "Bastrop", "48021"},
    {"police", "Metro Police Victim Unit", AgencyKind::kLawEnforcement, "Austin", "48453"},
}};

constexpr std::array<DemoService, 60> kDemoServices = {{
    {"harbor", "Emergency shelter for women", "shelter_bed", "en es", 18},
    {"harbor", "Safe house", "safe_house", "en es", 18},
    {"harbor", "Shelter for mothers with children", "family_shelter", "en es"},
    {"harbor", "Safety planning", "safety_planning", "en es vi"},
    {"harbor", "Case management after leaving", "comprehensive_case_management", "en es", 18},
    {"harbor", "Crisis counselling", "crisis_counseling", "en es"},
    {"harbor", "Support group", "support_group", "en es", 18},
    {"riverbend", "Family shelter", "family_shelter", "en es"},
    {"riverbend", "Youth shelter", "youth_shelter", "en es", 12, 21},
    {"riverbend", "Shelter that takes pets", "pet_friendly_shelter", "en"},
    {"riverbend", "Transitional apartments", "transitional_housing", "en es", 18},
    {"riverbend", "Child therapy", "child_therapy", "en es", 3, 17},
    {"riverbend", "Family advocacy", "court_accompaniment", "en es"},
    {"northside", "Walk-in clinic", "urgent_medical", "en es ar"},
    {"northside", "Primary care", "primary_care", "en es ar zh"},
    {"northside", "Forensic nurse examination", "forensic_exam", "en es"},
    {"northside", "Prenatal care", "maternity_care", "en es"},
    {"northside", "Reproductive health", "reproductive_health", "en es"},
    {"northside", "Urgent dental care", "urgent_dental", "en es"},
    {"northside", "Trauma therapy", "trauma_therapy", "en es", 12},
    {"northside", "Psychiatric care", "psychiatric_care", "en", 18},
    {"northside", "Help to get medicine", "medication", "en es"},
    {"northside", "Tattoo and brand removal", "tattoo_removal", "en es", 16},
    {"cedar", "Detox", "detox", "en es", 18},
    {"cedar", "Outpatient treatment", "outpatient_treatment", "en es", 18},
    {"cedar", "Residential treatment", "residential_treatment", "en", 18},
    {"cedar", "Sober living", "sober_living", "en", 18},
    {"opendoor", "Protective orders", "protective_order", "en es"},
    {"opendoor", "Family law", "family_law", "en es"},
    {"opendoor", "Defence of people charged", "criminal_defense", "en es"},
    {"opendoor", "Legal help line", "legal", "en es vi"},
    {"opendoor", "Advice on wages and work", "labor_rights", "en es", 16},
    {"newroots", "T and U visas", "t_visa", "en es fr"},
    {"newroots", "Asylum", "asylum", "en es fr ar"},
    {"newroots", "Papers for family members", "family_reunification", "en es"},
    {"newroots", "Legal clinic, first Saturday", "immigration", "en es"},
    {"bridge", "Interpreter by telephone, day and night", "spoken_interpretation",
     "es vi zh ar fr so"},
    {"bridge", "Interpreter on site", "spoken_interpretation", "es vi zh ar"},
    {"bridge", "Translation of documents", "document_translation", "es vi zh fr"},
    {"hotline", "Hotline, day and night", "crisis_hotline", "en es"},
    {"hotline", "Text line", "crisis_hotline", "en es"},
    {"hotline", "Safety planning by telephone", "safety_planning", "en es"},
    {"housing", "Housing voucher", "housing_voucher", "en es", 18},
    {"housing", "Help with rent and deposit", "rental_help", "en es", 18},
    {"housing", "Help to find a home", "housing_search", "en es vi", 18},
    {"housing", "Help with utility bills", "utilities_help", "en es", 18},
    {"housing", "Motel nights in an emergency", "motel_voucher", "en es", 18},
    {"nextstep", "Job search and placement", "job_search", "en es", 16},
    {"nextstep", "Training with pay", "job_training", "en es", 16},
    {"nextstep", "English classes", "english_classes", "en es vi ar", 16},
    {"nextstep", "High school equivalency", "high_school_equivalency", "en es", 16},
    {"nextstep", "Work clothes", "work_clothing", "en es"},
    {"nextstep", "Bus passes", "transit_pass", "en es"},
    {"nextstep", "Opening a bank account", "bank_and_credit", "en es", 18},
    {"office", "Help for agencies in placing a case", "case_management", "en es"},
    {"office", "Emergency fund", "emergency_cash", "en es"},
    {"office", "Peer support for staff", "helper_support", "en"},
    {"harbor", "Ride to shelter", "local_ride", "en es"},
    {"riverbend", "Clothes and food on arrival", "hygiene_items", "en es"},
    {"northside", "Counselling", "counseling", "en es"},
}};

constexpr std::array<DemoPerson, 16> kPeople = {{
    {"office", "coordinator", "Coalition coordinator", Role::kCoordinator, true},
    {"office", "auditor", "Coalition auditor", Role::kAuditor},
    {"hotline", "operator", "Hotline operator", Role::kHotlineOperator},
    {"hotline", "admin", "Hotline administrator", Role::kAgencyAdmin},
    {"harbor", "caseworker", "Harbor House caseworker", Role::kCaseworker},
    {"harbor", "admin", "Harbor House administrator", Role::kAgencyAdmin},
    {"riverbend", "caseworker", "Riverbend caseworker", Role::kCaseworker, true},
    {"northside", "caseworker", "Northside Clinic caseworker", Role::kCaseworker},
    {"northside", "admin", "Northside Clinic administrator", Role::kAgencyAdmin},
    {"cedar", "caseworker", "Cedar Street caseworker", Role::kCaseworker, true},
    {"opendoor", "caseworker", "Open Door caseworker", Role::kCaseworker, true},
    {"newroots", "caseworker", "New Roots caseworker", Role::kCaseworker, true},
    {"bridge", "caseworker", "Bridge caseworker", Role::kCaseworker, true},
    {"housing", "caseworker", "City Housing caseworker", Role::kCaseworker, true},
    {"nextstep", "caseworker", "Next Step caseworker", Role::kCaseworker, true},
    {"police", "caseworker", "Victim Unit caseworker", Role::kCaseworker, true},
}};

constexpr std::array<DemoReferral, 6> kReferrals = {{
    {"hotline", "harbor", "shelter_bed", 1, "es"},
    {"harbor", "northside", "forensic_exam", 1, "en"},
    {"harbor", "opendoor", "protective_order", 2, "es"},
    {"riverbend", "northside", "maternity_care", 2, "en"},
    {"northside", "newroots", "t_visa", 3, "fr"},
    {"harbor", "housing", "rental_help", 3, "es"},
}};

}  // namespace

std::span<const DemoAgency> DemoAgencies() { return kAgencies; }
std::span<const DemoService> DemoServices() { return kDemoServices; }
std::span<const DemoPerson> DemoPeople() { return kPeople; }
std::span<const DemoReferral> DemoReferrals() { return kReferrals; }

}  // namespace fairlead::hub
