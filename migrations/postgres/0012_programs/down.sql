DROP TABLE program_deviations;
DROP TABLE program_actions;
DROP TABLE program_phases;
DROP TABLE programs;
