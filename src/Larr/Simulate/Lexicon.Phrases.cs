namespace Larr.Simulate;

sealed partial class Lexicon
{
    /// <summary>Values of scenes, as whole phrases.</summary>
    const string Phrases = """
        scorching heat: warm -1.3, drink 0.9, healthy 0.3, hearty -0.5
        humid heat: warm -1.0, drink 0.8, spicy -0.3
        hot sunshine: warm -0.9, drink 0.6
        warm and sunny: warm -0.4, drink 0.3, healthy 0.2
        mild and clear: healthy 0.2, sharing 0.2
        gentle breeze: healthy 0.3
        scattered clouds: quick 0.1
        grey and overcast: warm 0.3, coffee 0.2
        morning fog: warm 0.5, coffee 0.4, morning 0.2
        light rain: warm 0.6, staple 0.2
        steady rain: warm 0.8, hearty 0.3, staple 0.2
        pouring rain: warm 0.9, hearty 0.5, quick -0.2
        thunderstorm: warm 0.6, hearty 0.6, sharing -0.2
        gusty wind: warm 0.6, quick 0.2
        cold drizzle: warm 1.0, gentle 0.2
        morning frost: warm 1.0, morning 0.2, coffee 0.3
        freezing cold: warm 1.4, hearty 0.5, spicy 0.4
        sleet: warm 1.1, hearty 0.4
        light snow: warm 1.0, sweet 0.2, sharing 0.2
        heavy snow: warm 1.4, hearty 0.6, sharing 0.3, spicy 0.3
        breakfast: morning 1.6, coffee 0.7, night -0.7, gentle 0.3, sharing -0.5
        lunch: staple 0.7, quick 0.6, cheap 0.3, morning -0.5
        afternoon tea: sweet 1.1, drink 0.9, coffee 0.6, staple -0.5, meat -0.5
        dinner: hearty 0.7, sharing 0.6, meat 0.5, morning -0.8, quick -0.3
        late night: night 1.5, quick 0.3, spicy 0.3, morning -0.9, healthy -0.4
        monday: coffee 0.3, quick 0.3
        tuesday: quick 0.2
        wednesday: cheap 0.2
        thursday: cheap 0.1, sweet 0.1
        friday: sharing 0.4, night 0.3
        saturday: sharing 0.5, night 0.2, quick -0.3
        sunday: sharing 0.4, gentle 0.2, quick -0.3
        an ordinary day: quick 0.1
        autumn lantern festival: sweet 0.7, sharing 0.7, staple 0.2
        harvest fair: hearty 0.8, sharing 0.4
        city marathon: healthy 0.9, staple 0.6, drink 0.5
        children's day: sweet 1.0, gentle 0.6, quick 0.2
        parents' day: sharing 0.7, cheap -0.5, gentle 0.3
        lovers' day: sweet 0.6, cheap -0.9, sharing 0.3
        football final: night 0.7, sharing 0.9, drink 0.7, meat 0.4
        fishermen's fair: seafood 1.2, sharing 0.3
        book fair: coffee 0.7, quick 0.3, sweet 0.2
        winter carnival: warm 0.9, sweet 0.4, sharing 0.4
        examination day: quick 0.6, coffee 0.6, gentle 0.4
        office tower: quick 0.8, coffee 0.7
        business park: quick 0.6, coffee 0.5, healthy 0.2
        bank branch: quick 0.6, coffee 0.4
        city hall: coffee 0.4, staple 0.3
        law office: coffee 0.6, cheap -0.4
        factory floor: hearty 0.9, cheap 0.7, meat 0.3
        construction site: hearty 1.0, cheap 0.8, staple 0.5
        warehouse: hearty 0.7, cheap 0.6, quick 0.3
        hospital ward: gentle 1.3, healthy 0.6, spicy -0.8
        dental clinic: gentle 0.8, sweet -0.5
        primary school: gentle 0.7, sweet 0.4, healthy 0.3
        secondary school: quick 0.5, cheap 0.6, sweet 0.3
        university library: coffee 0.9, cheap 0.5, quick 0.4
        student dormitory: cheap 1.0, night 0.5, spicy 0.3
        lecture hall: coffee 0.6, quick 0.5, cheap 0.4
        research laboratory: coffee 0.7, quick 0.3
        gym: healthy 1.3, meat 0.4, sweet -0.6
        swimming pool: healthy 0.6, drink 0.5, warm 0.2
        football stadium: quick 0.5, drink 0.7, meat 0.4, sharing 0.4
        tennis club: healthy 0.8, drink 0.4, cheap -0.3
        yoga studio: healthy 1.2, gentle 0.4, meat -0.6
        public park: warm -0.2, sweet 0.3, healthy 0.3
        beach: warm -0.9, drink 0.8, seafood 0.6
        harbour: seafood 0.9, warm 0.2
        ski slope: warm 1.2, hearty 0.7
        camping ground: meat 0.7, sharing 0.7, night 0.2
        railway station: quick 1.1, cheap 0.2
        bus terminal: quick 0.9, cheap 0.5
        airport lounge: quick 0.5, coffee 0.5, cheap -0.5
        petrol station: quick 0.9, coffee 0.4
        shopping mall: sweet 0.5, drink 0.4, sharing 0.3
        cinema: sweet 0.6, quick 0.4, drink 0.4
        concert hall: cheap -0.5, sharing 0.3, night 0.2
        museum: coffee 0.5, sweet 0.3
        karaoke bar: night 0.9, sharing 0.7, drink 0.6
        night market: night 1.0, spicy 0.5, cheap 0.4, seafood 0.2
        nightclub: night 1.1, drink 0.6, quick 0.3
        grand hotel: cheap -1.0, seafood 0.3
        youth hostel: cheap 0.9, sharing 0.4
        apartment block: hearty 0.2, staple 0.2
        suburban house: sharing 0.4, hearty 0.3
        nursing home: gentle 1.2, warm 0.4, spicy -0.6
        alone: quick 0.5, sharing -1.1, staple 0.2
        with a friend: sharing 0.2, sweet 0.2, drink 0.2
        with colleagues: sharing 0.4, quick 0.3, coffee 0.2
        with the children: gentle 0.8, sweet 0.6, spicy -0.8
        with grandparents: gentle 0.8, warm 0.4, spicy -0.4
        with the whole family: sharing 1.1, hearty 0.4
        on a date: cheap -0.9, sweet 0.4, sharing 0.2
        with a sports team: hearty 0.8, meat 0.6, sharing 0.8
        teenage: sweet 0.5, quick 0.4, cheap 0.5
        young: spicy 0.3, night 0.3, coffee 0.2
        middle-aged: hearty 0.2, cheap -0.2
        elderly: gentle 0.8, warm 0.3, spicy -0.4
        office clerk: quick 0.4, coffee 0.4
        software engineer: night 0.4, coffee 0.5, spicy 0.2
        bank manager: cheap -0.6, coffee 0.3
        lawyer: cheap -0.6, coffee 0.4
        nurse: gentle 0.3, night 0.2, quick 0.3
        doctor: healthy 0.5, cheap -0.3
        dentist: sweet -0.4, healthy 0.4
        school teacher: gentle 0.3, cheap 0.2
        university student: cheap 0.8, night 0.3, quick 0.2
        school pupil: sweet 0.5, cheap 0.5
        scientist: coffee 0.5
        builder: hearty 0.8, meat 0.5, cheap 0.4
        factory worker: hearty 0.6, cheap 0.5, staple 0.3
        courier: quick 0.7, cheap 0.5, hearty 0.3
        fisherman: seafood 0.8, warm 0.4
        fitness trainer: healthy 1.1, meat 0.3
        yoga teacher: healthy 1.1, meat -0.6
        musician: night 0.6, drink 0.3
        shop assistant: quick 0.4, sweet 0.2
        pensioner: gentle 0.7, cheap 0.4, warm 0.3
        plenty of couriers free: quick -0.3, sharing 0.3, warm 0.2
        few couriers on the road: quick 0.8, warm -0.3
        kitchens running late: quick 0.9, healthy 0.2
        roads jammed by traffic: quick 0.7, warm -0.5
        free delivery everywhere: cheap 0.4, sharing 0.4
        bicycle couriers only: quick 0.4, hearty -0.3, drink -0.3
        """;
}
