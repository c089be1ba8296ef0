//! Planted faults: each breaks its promise in some seed, so the auditor can see it.
//! A fault that is not found says that a check is missing, or that no seed comes near it any more.

use checkrein_sim::campaign;
use checkrein_sim::fault::Fault;

/// Seeds within which each must be found.
const SEEDS: u64 = 500;

fn check(fault: Fault) {
    let found = campaign::search(fault, SEEDS).unwrap();
    let (seed, what) = found.unwrap_or_else(|| panic!("`{}` was not found", fault.word()));
    assert!(what.starts_with(fault.breaks().word()), "seed {seed}: {what}");
}

macro_rules! found {
    ($($name:ident: $fault:ident,)*) => {
        $(#[test] fn $name() { check(Fault::$fault); })*

        #[test]
        fn every_fault_has_a_test() {
            assert_eq!(Fault::ALL, [$(Fault::$fault),*]);
        }
    };
}

found! {
    a_journal_that_ignores_the_fence_is_found: NoFenceCheck,
    a_journal_that_ignores_keys_is_found: NoKeyCheck,
    a_denial_that_frees_a_key_is_found: DenialFreesKey,
    an_approval_that_is_used_twice_is_found: ApprovalUsedTwice,
    a_lost_reservation_is_found: LostReservation,
    a_journal_that_ignores_budgets_is_found: NoBudgetCheck,
    an_answer_before_its_commit_is_found: AnswerBeforeCommit,
    a_permit_before_it_is_durable_is_found: PermitBeforeDurable,
    acts_undone_in_the_wrong_order_are_found: WrongUndoOrder,
    a_stop_that_is_not_kept_is_found: StopForgotten,
    an_answer_to_another_principal_is_found: AnswerToAnother,
    a_projection_that_drifts_is_found: ProjectionDrift,
    altered_facts_are_found: FactsAltered,
    a_tool_that_acts_twice_is_found: ActsTwice,
    a_tool_that_sends_again_at_recovery_is_found: SendsAgain,
    a_tool_that_does_something_else_is_found: OtherArguments,
    a_tool_that_acts_in_a_preview_is_found: ActsInPreview,
    a_retry_after_an_unknown_outcome_is_found: DoubtToldBusy,
    a_stop_that_is_lost_for_work_under_way_is_found: StopUnheard,
    an_undo_that_is_applied_twice_is_found: UndoneTwice,
}
