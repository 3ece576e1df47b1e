namespace Larr.Corpus.General;

/// <summary>WordNet's lexicographer files by number (lexnames(5WN)): coarse domains of meaning.</summary>
public enum LexicographerFile
{
#pragma warning disable CS1591 // the names are WordNet's own and say it all
    AdjectiveAll, AdjectivePertainym, AdverbAll, NounTops, NounAct, NounAnimal, NounArtifact, NounAttribute, NounBody,
    NounCognition, NounCommunication, NounEvent, NounFeeling, NounFood, NounGroup, NounLocation, NounMotive, NounObject,
    NounPerson, NounPhenomenon, NounPlant, NounPossession, NounProcess, NounQuantity, NounRelation, NounShape, NounState,
    NounSubstance, NounTime, VerbBody, VerbChange, VerbCognition, VerbCommunication, VerbCompetition, VerbConsumption,
    VerbContact, VerbCreation, VerbEmotion, VerbMotion, VerbPerception, VerbPossession, VerbSocial, VerbStative,
    VerbWeather, AdjectiveParticipial,
#pragma warning restore CS1591
}
